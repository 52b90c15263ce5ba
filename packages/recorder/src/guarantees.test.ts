import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventInput } from '@steptrail/event'
import { releaseAfterTest } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { type FaultyFiles, faultyFiles } from '../test/faulty-files.ts'
import { MemorySink } from '../test/memory-sink.ts'
import { emptyDirectory, listening, opened } from '../test/spool-directory.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import type { RecorderSettings } from './recorder-options.ts'

/** A recorder over a spool on disk, and a sink and a disk that can fail. */
interface Scene {
  readonly recorder: Recorder
  readonly sink: MemorySink
  readonly files: FaultyFiles
  readonly directory: string
  readonly logger: ReturnType<typeof listening>
}

async function scene(settings: RecorderSettings = {}): Promise<Scene> {
  const [sink, files, logger] = [new MemorySink(), faultyFiles(), listening()]
  const directory = await emptyDirectory()
  const spool = await opened({ directory, files })
  const quick = { batchAgeMs: 1, retryMinMs: 1, retryMaxMs: 4 }
  const recorder = createRecorder({ sink, spool, logger, ...quick, ...settings })
  releaseAfterTest(async () => void (await recorder.close({ deadlineMs: 100 })))
  return { recorder, sink, files, directory, logger }
}

const operation = (action: string): EventInput => ({ eventType: 'OPERATION', action, status: 'SUCCESS' })
const actions = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `action-${index}`)

function record(recorder: Recorder, names: readonly string[]): void {
  for (const name of names) recorder.record(operation(name))
}

async function deadLetters(directory: string): Promise<readonly unknown[]> {
  const [own = ''] = (await readdir(directory)).filter((name) => !name.endsWith('.sock'))
  const text = await readFile(join(directory, own, 'dead-letters.jsonl'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

describe('the caller', () => {
  it('who throws after recording, or changes what it recorded, changes nothing on record', async () => {
    const { recorder, sink } = await scene()
    const event = { ...operation('kept'), details: { pieces: 40 } }
    const work = (): void => {
      recorder.record(event)
      event.details.pieces = 0
      throw new Error('the work failed later')
    }
    expect(work).toThrow('the work failed later')
    expect(await recorder.flush()).toEqual({ written: 1, spooled: 0, dropped: 0, pending: 0 })
    expect([...sink.rows.values()][0]).toContain('"pieces":40')
  })
})

describe('a database that is away', () => {
  it('for a moment costs a retry', async () => {
    const { recorder, sink } = await scene({ failuresBeforeSpool: 1_000 })
    sink.state = 'away'
    record(recorder, actions(50))
    void recorder.flush()
    await recorder.idle()
    sink.state = 'up'
    expect(await recorder.flush()).toEqual({ written: 50, spooled: 0, dropped: 0, pending: 0 })
    expect(sink.actions).toEqual(actions(50))
  })

  it('for long costs the way over the disk, in order, and nothing else', async () => {
    const { recorder, sink } = await scene()
    sink.state = 'away'
    record(recorder, actions(500))
    expect(await recorder.flush()).toEqual({ written: 0, spooled: 500, dropped: 0, pending: 0 })
    expect(await recorder.recordDurably(operation('durable'))).toBe('spooled')
    sink.state = 'up'
    await sink.has(501)
    expect(sink.actions).toEqual([...actions(500), 'durable'])
  })

  it('for good leaves what is recorded on disk when the recorder is closed, for the next process', async () => {
    const { recorder, sink, directory } = await scene()
    sink.state = 'silent'
    record(recorder, actions(20))
    expect(await recorder.close({ deadlineMs: 50 })).toEqual({
      written: 0,
      spooled: 20,
      dropped: 0,
      pending: 0,
    })
    expect(sink.rows.size).toBe(0)

    const other = new MemorySink()
    const heir = createRecorder({ sink: other, spool: await opened({ directory }) })
    await other.has(20)
    expect(other.actions).toEqual(actions(20))
    await heir.close()
    expect(await readdir(directory)).toEqual([])
  })
})

describe('a process that dies beside one that lives', () => {
  it('has what it left replayed by that one, though nothing is recorded there', async () => {
    const directory = await emptyDirectory()
    const [sink, spool] = [new MemorySink(), await opened({ directory, adoptEveryMs: 5 })]
    const living = createRecorder({ sink, spool })
    releaseAfterTest(async () => void (await living.close()))
    await living.flush()

    const dying = await opened({ directory })
    const away = new MemorySink()
    away.state = 'away'
    const logger = listening()
    const recorder = createRecorder({ sink: away, spool: dying, logger, failuresBeforeSpool: 1 })
    record(recorder, actions(30))
    await recorder.close()
    await sink.has(30)
    expect(sink.actions).toEqual(actions(30))
  })
})

describe('a reply that is lost', () => {
  it('has the batch written again, and each event is on record once', async () => {
    const { recorder, sink } = await scene({ failuresBeforeSpool: 1_000 })
    sink.state = 'reply lost'
    record(recorder, actions(10))
    await sink.has(10)
    sink.state = 'up'
    expect(await recorder.flush()).toEqual({ written: 10, spooled: 0, dropped: 0, pending: 0 })
    expect(sink.actions).toEqual(actions(10))
    expect(Math.max(...sink.sent.values())).toBeGreaterThan(1)
  })

  it('during a replay is the same', async () => {
    const { recorder, sink } = await scene()
    sink.state = 'away'
    record(recorder, actions(10))
    await recorder.flush()
    sink.state = 'reply lost'
    await sink.has(10)
    sink.state = 'up'
    await recorder.recordDurably(operation('last'))
    await sink.has(11)
    expect(sink.actions).toEqual([...actions(10), 'last'])
  })
})

describe('a disk that is full or read-only', () => {
  it.each(['ENOSPC', 'EROFS'])('%s keeps events in memory until the database is back', async (code) => {
    const { recorder, sink, files } = await scene()
    files.fail('write', code)
    files.fail('create', code)
    sink.state = 'away'
    record(recorder, actions(100))
    void recorder.flush()
    await recorder.idle()
    expect(recorder.counts()).toMatchObject({ pending: 100, spooled: 0 })
    sink.state = 'up'
    expect(await recorder.flush()).toEqual({ written: 100, spooled: 0, dropped: 0, pending: 0 })
    expect(sink.actions.toSorted()).toEqual(actions(100).toSorted())
  })

  it('drops what is too much for the memory, too, counts it, and tells recordDurably', async () => {
    const { recorder, sink, files } = await scene({
      queueEvents: 10,
      failuresBeforeSpool: 1,
      retryMinMs: 60_000,
      retryMaxMs: 60_000,
    })
    files.fail('create', 'ENOSPC')
    sink.state = 'away'
    record(recorder, actions(10))
    void recorder.flush()
    await recorder.idle()
    record(recorder, actions(25))
    await expect(recorder.recordDurably(operation('one more'))).rejects.toMatchObject({
      code: 'event_dropped',
      details: { reason: 'queue_full' },
    })
    expect(recorder.counts()).toMatchObject({ emitted: 36, pending: 10, dropped: { queue_full: 26 } })
  })
})

describe('a bad event', () => {
  it('costs itself, in a batch and out of the spool, and is kept as a dead letter', async () => {
    const { recorder, sink, directory } = await scene()
    record(recorder, ['good', 'bad', 'better'])
    expect(await recorder.flush()).toEqual({ written: 2, spooled: 0, dropped: 1, pending: 0 })
    expect(recorder.counts().dropped.rejected).toBe(1)
    sink.state = 'away'
    record(recorder, ['fine', 'bad', 'finer'])
    await recorder.flush()
    sink.state = 'up'
    await sink.has(4)
    expect(sink.actions).toEqual(['good', 'better', 'fine', 'finer'])
    await recorder.close()
    expect(await deadLetters(directory)).toMatchObject([
      { reason: 'the database refuses it: bad', event: { action: 'bad' } },
      { reason: 'the database refuses it: bad', event: { action: 'bad' } },
    ])
  })

  it('that no database is asked about is dropped in the call, and counted', async () => {
    const { recorder } = await scene()
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    recorder.record({ ...operation('loop'), details: loop as never })
    expect(await recorder.flush()).toEqual({ written: 0, spooled: 0, dropped: 1, pending: 0 })
    expect(recorder.counts().dropped.invalid).toBe(1)
  })
})

describe('a clock that jumps', () => {
  it('back or ahead loses nothing and holds up nothing', async () => {
    let now = Date.parse('2025-11-04T10:00:00.000Z')
    const { recorder, sink } = await scene({ clock: { now: () => now } })
    sink.state = 'away'
    record(recorder, ['now'])
    now += 86_400_000
    record(recorder, ['a day ahead'])
    now -= 2 * 86_400_000
    record(recorder, ['a day back'])
    await recorder.flush()
    sink.state = 'up'
    await sink.has(3)
    expect(sink.actions).toEqual(['now', 'a day ahead', 'a day back'])
  })
})
