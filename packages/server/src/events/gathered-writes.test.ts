import { TrailError } from '@steptrail/event'
import type { OutgoingEvent, Sink, SinkOutcome } from '@steptrail/recorder'
import { describe, expect, it } from 'vitest'
import { GatheredWrites } from './gathered-writes.ts'

const event = (id: string): OutgoingEvent => ({ id, timestampMs: 0, json: '{}' })
const events = (...ids: readonly string[]) => ids.map(event)
const waiting = new AbortController().signal

/** A sink that answers when it is told to, and remembers what it was given. */
class SlowSink implements Sink {
  readonly writes: { readonly ids: readonly string[]; readonly signal: AbortSignal }[] = []
  readonly #answers: (() => void)[] = []
  #refused: string | undefined

  refuse(id: string): void {
    this.#refused = id
  }

  async write(batch: readonly OutgoingEvent[], signal: AbortSignal): Promise<readonly SinkOutcome[]> {
    const ids = batch.map(({ id }) => id)
    this.writes.push({ ids, signal })
    if (this.writes.length <= 2) await new Promise<void>((resolve) => this.#answers.push(resolve))
    if (ids.includes('lost')) throw new Error('the sink is away')
    if (this.#refused !== undefined && ids.includes(this.#refused))
      throw new TrailError('batch_refused', 'it is not liked')
    return ids.map((id) => ({ outcome: id.startsWith('again') ? 'duplicate' : 'created' }))
  }

  answer(): void {
    for (const answer of this.#answers.splice(0)) answer()
  }

  get ids(): readonly string[] {
    return this.writes.map(({ ids }) => ids.join(' '))
  }
}

/** What waits is never enough for more than two writes. */
const limits = { writes: 2, fullWrites: 2, events: 2000 }
const created = { outcome: 'created' }

describe('writes of many senders', () => {
  it('go at once while few are under way, then together, and each hears of its own', async () => {
    const sink = new SlowSink()
    const writes = new GatheredWrites(sink, limits)
    const all = [['a'], ['b'], ['c', 'again d'], [], ['e']].map((ids) =>
      writes.write(events(...ids), waiting),
    )
    expect(sink.ids).toEqual(['a', 'b'])
    sink.answer()
    expect(await Promise.all(all)).toEqual([
      [created],
      [created],
      [created, { outcome: 'duplicate' }],
      [],
      [created],
    ])
    expect(sink.ids).toEqual(['a', 'b', 'c again d e'])
  })

  it('are not larger than they may be, and part no sender’s events', async () => {
    const sink = new SlowSink()
    const writes = new GatheredWrites(sink, { ...limits, events: 3 })
    const all = [['a'], ['b'], ['c', 'd'], ['e', 'f'], ['g'], ['h', 'i', 'j', 'k']].map((ids) =>
      writes.write(events(...ids), waiting),
    )
    sink.answer()
    await Promise.all(all)
    expect(sink.ids).toEqual(['a', 'b', 'c d', 'e f g', 'h i j k'])
  })

  it('are more at a time when what waits fills one', async () => {
    const sink = new SlowSink()
    const writes = new GatheredWrites(sink, { writes: 1, fullWrites: 2, events: 3 })
    const all = [['a'], ['b'], ['c'], ['d'], ['e', 'f', 'g']].map((ids) =>
      writes.write(events(...ids), waiting),
    )
    expect(sink.ids).toEqual(['a', 'b c d'])
    sink.answer()
    await Promise.all(all)
    expect(sink.ids).toEqual(['a', 'b c d', 'e f g'])
  })

  it('lose the one event that is refused, and no other', async () => {
    const sink = new SlowSink()
    sink.refuse('bad')
    const writes = new GatheredWrites(sink, limits)
    const all = [['a'], ['b'], ['c', 'bad'], ['d', 'e']].map((ids) => writes.write(events(...ids), waiting))
    sink.answer()
    expect(await Promise.all(all)).toEqual([
      [created],
      [created],
      [created, { outcome: 'rejected', reason: 'it is not liked' }],
      [created, created],
    ])
  })

  it('fail for all whose events were in them, and for no other', async () => {
    const sink = new SlowSink()
    const writes = new GatheredWrites(sink, limits)
    const all = [['a'], ['b'], ['lost'], ['c']].map((ids) => writes.write(events(...ids), waiting))
    const later = Promise.allSettled(all)
    sink.answer()
    expect((await later).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    await expect(writes.write(events('d'), waiting)).resolves.toEqual([created])
  })

  it('are given up once nobody waits for them', async () => {
    const sink = new SlowSink()
    const writes = new GatheredWrites(sink, limits)
    const [one, other] = [new AbortController(), new AbortController()]
    const all = [
      writes.write(events('a'), waiting),
      writes.write(events('b'), waiting),
      writes.write(events('c'), one.signal),
      writes.write(events('d'), other.signal),
    ]
    sink.answer()
    await Promise.all(all)
    const together = sink.writes.at(-1)?.signal
    one.abort()
    expect(together?.aborted).toBe(false)
    other.abort()
    expect(together?.aborted).toBe(true)
  })
})
