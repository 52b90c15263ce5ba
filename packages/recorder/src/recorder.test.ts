import { describe, expect, test } from 'vitest'
import { memorySpool, unavailable } from '../test/memory-spool.ts'
import { operation, scene } from '../test/recording.ts'
import { scriptedSink, seqsOf } from '../test/scripted-sink.ts'

const rowsOf = (events: readonly { readonly json: string }[]) => events.map(({ json }) => JSON.parse(json))

describe('record', () => {
  test('keeps what the object was in the call', async () => {
    const { recorder, sink } = scene()
    const event = {
      eventType: 'OPERATION',
      action: 'scan_process',
      details: { list: [1], at: { name: 'x' } },
    }
    recorder.record(event)
    event.details.list.push(2)
    event.details.at.name = 'changed'
    event.action = 'changed'
    await recorder.flush()
    expect(rowsOf(sink.stored)).toMatchObject([
      { action: 'scan_process', details: { list: [1], at: { name: 'x' } }, recorder_id: recorder.id },
    ])
  })

  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const throwing = {
    get symbol(): string {
      throw new Error('no symbol today')
    },
  }
  test.each<[string, object]>([
    ['a getter that throws', { details: throwing }],
    [
      'a getter of a column that throws',
      Object.defineProperty({}, 'message', { enumerable: true, get: () => throwing.symbol }),
    ],
    ['a cycle', { details: cycle }],
    ['a BigInt', { details: { id: 7n } }],
    ['a text of 10 MB', { details: { text: 'x'.repeat(10_000_000) } }],
    ['a message of 10 MB', { message: 'x'.repeat(10_000_000) }],
    ['a step’s outcome', { eventType: 'STEP_SUCCESS' }],
    ['a number of its own', { executionSeq: 1 }],
  ])('never throws, and accounts for %s', async (_, more) => {
    const { recorder, sink, logged } = scene()
    const event = Object.defineProperties({ ...operation() }, Object.getOwnPropertyDescriptors(more))
    recorder.record(event)
    recorder.record(operation())
    expect(await recorder.flush()).toEqual({ written: 1, spooled: 0, dropped: 1, pending: 0 })
    expect(recorder.counts()).toMatchObject({ emitted: 2, written: 1, dropped: { invalid: 1 } })
    expect(seqsOf(sink.stored)).toEqual([2])
    expect(logged).toHaveLength(1)
  })

  test('names an execution without a number in it', async () => {
    const { recorder, sink } = scene()
    recorder.record({
      ...operation(),
      executionId: '0199F0C4-5A1E-7CC3-8D26-3A5D0C3F9A11',
      stepName: 'reserve',
    })
    await recorder.flush()
    const [row] = rowsOf(sink.stored)
    expect(row).toMatchObject({ execution_id: '0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11', step_name: 'reserve' })
    expect(row).not.toHaveProperty('execution_seq')
  })

  test('puts the recorder’s service where the event names none', async () => {
    const { recorder, sink } = scene({ serviceName: 'api-service' })
    recorder.record(operation())
    recorder.record({ ...operation(), serviceName: 'frontend' })
    await recorder.flush()
    expect(rowsOf(sink.stored)).toMatchObject([{ service_name: 'api-service' }, { service_name: 'frontend' }])
  })

  test('counts, and does nothing else, when it is switched off', async () => {
    const { recorder, sink, logged } = scene({ enabled: false })
    recorder.record(operation())
    expect(await recorder.flush()).toEqual({ written: 0, spooled: 0, dropped: 1, pending: 0 })
    expect([sink.writes, logged]).toEqual([[], []])
  })
})

describe('batches', () => {
  test('go by size, or by the age of their first event', async () => {
    const { recorder, sink, timers } = scene({ batchEvents: 3 })
    for (let index = 0; index < 7; index++) recorder.record(operation())
    await recorder.idle()
    expect(sink.writes.map(seqsOf)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    timers.advance(99)
    await recorder.idle()
    expect(sink.writes).toHaveLength(2)
    timers.advance(1)
    await recorder.idle()
    expect(seqsOf(sink.stored)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('are as small as the sink wants them', async () => {
    const { recorder, sink } = scene({ sink: scriptedSink({ maxBatchEvents: 2 }) })
    for (let index = 0; index < 5; index++) recorder.record(operation())
    await recorder.flush()
    expect(sink.writes.map(seqsOf)).toEqual([[1, 2], [3, 4], [5]])
  })

  test('are events by themselves without a queue', async () => {
    const { recorder, sink } = scene({ queued: false })
    for (let index = 0; index < 3; index++) recorder.record(operation())
    await recorder.idle()
    expect(sink.writes.map(seqsOf)).toEqual([[1], [2], [3]])
  })

  test('lose the one event that the sink can never write, and no other', async () => {
    const spool = memorySpool()
    const sink = scriptedSink({ isBad: ({ json }) => json.includes('"bad"') })
    const { recorder, logged } = scene({ sink, spool })
    for (let seq = 1; seq <= 1000; seq++) recorder.record(operation(seq === 387 ? 'bad' : 'good'))
    expect(await recorder.flush()).toEqual({ written: 999, spooled: 0, dropped: 1, pending: 0 })
    expect(recorder.counts().dropped.rejected).toBe(1)
    await recorder.idle()
    expect(seqsOf(spool.buried.map(({ event }) => event))).toEqual([387])
    expect(seqsOf(sink.stored).toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 1000 }, (_, index) => index + 1).filter((seq) => seq !== 387),
    )
    expect(logged.map(([message]) => message)).toEqual([
      'an event was refused for good: a constraint does not hold',
    ])
  })
})

describe('while the sink is away', () => {
  test('tries again after waits that double, with jitter', async () => {
    const { recorder, sink, timers } = scene({ retryMinMs: 100, retryMaxMs: 400 })
    sink.turns.push('fail', 'fail', 'fail', 'fail', 'fail')
    recorder.record(operation())
    const flushed = recorder.flush()
    for (const waitMs of [75, 150, 300, 300, 300]) {
      await recorder.idle()
      const writes = sink.writes.length
      timers.advance(waitMs - 1)
      await recorder.idle()
      expect(sink.writes).toHaveLength(writes)
      timers.advance(1)
    }
    expect(await flushed).toEqual({ written: 1, spooled: 0, dropped: 0, pending: 0 })
  })

  test('waits as long as the sink asks, where that is longer', async () => {
    const { recorder, sink, timers } = scene({ retryMinMs: 100, retryMaxMs: 400 })
    sink.turns.push('ask-for-a-minute')
    recorder.record(operation())
    const flushed = recorder.flush({ deadlineMs: 120_000 })
    await recorder.idle()
    timers.advance(59_999)
    await recorder.idle()
    expect(sink.writes).toHaveLength(1)
    timers.advance(1)
    expect(await flushed).toMatchObject({ written: 1 })
  })

  test('spools after three failures, and replays in order when it is back', async () => {
    const spool = memorySpool()
    const { recorder, sink, timers } = scene({ spool, writesInFlight: 1 })
    sink.turns.push('fail', 'fail', 'fail', 'fail')
    recorder.record(operation())
    for (let failure = 0; failure < 3; failure++) {
      void recorder.flush()
      await recorder.idle()
      timers.advance(300)
    }
    recorder.record(operation())
    await recorder.idle()
    expect(recorder.counts()).toMatchObject({ spooled: 2, pending: 0 })
    timers.advance(31_000)
    await recorder.idle()
    expect(seqsOf(sink.stored)).toEqual([1, 2])
    expect(spool.events).toBe(0)
    expect(recorder.counts()).toMatchObject({ written: 0, spooled: 2, replayed: { written: 2, buried: 0 } })
    recorder.record(operation())
    expect(await recorder.flush()).toEqual({ written: 1, spooled: 2, dropped: 0, pending: 0 })
  })

  test('a write without an answer counts as failed, and what it did is found there', async () => {
    const { recorder, sink, timers } = scene({ writeTimeoutMs: 2000 })
    sink.turns.push('hang-and-commit-later')
    recorder.record(operation())
    const flushed = recorder.flush()
    for (let turn = 0; turn < 3; turn++) await Promise.resolve()
    timers.advance(2000)
    await recorder.idle()
    timers.advance(100)
    expect(await flushed).toEqual({ written: 1, spooled: 0, dropped: 0, pending: 0 })
    expect(sink.stored).toHaveLength(1)
  })

  test('what a process before has left in the spool is written first thing', async () => {
    const spool = memorySpool()
    const before = scene({ spool, spoolFirst: true })
    before.sink.turns.push('fail')
    before.recorder.record(operation())
    await before.recorder.close()
    expect(spool.events).toBe(1)
    spool.reopen()
    const { recorder, sink } = scene({ spool })
    await recorder.idle()
    expect(sink.stored).toHaveLength(1)
    expect(recorder.counts()).toMatchObject({ emitted: 0, replayed: { written: 1 } })
  })
})

describe('a full queue', () => {
  test('goes on in the spool, and says so once an episode', async () => {
    const spool = memorySpool()
    const { recorder, logged } = scene({ spool, queueEvents: 10 })
    for (let index = 0; index < 50; index++) recorder.record(operation())
    expect(await recorder.flush()).toEqual({ written: 10, spooled: 40, dropped: 0, pending: 0 })
    expect(logged).toEqual([
      ['the queue of the recorder is full', { overflow: 'spool', events: 10, bytes: expect.any(Number) }],
    ])
  })

  test('holds no more events than it may while the spool takes none, however often that is tried', async () => {
    const full = memorySpool(async (step) => {
      if (step === 'append') throw unavailable()
    })
    const { recorder, sink, timers } = scene({ spool: full, queueEvents: 10 })
    sink.turns.push(...Array.from({ length: 20 }, () => 'fail' as const))
    for (let round = 1; round <= 10; round++) {
      for (let index = 0; index < 25; index++) recorder.record(operation())
      const durably = recorder.recordDurably(operation())
      await recorder.idle()
      await expect(durably).rejects.toMatchObject({ details: { reason: 'queue_full' } })
      const { pending, dropped } = recorder.counts()
      expect([pending, dropped.queue_full]).toEqual([10, 26 * round - 10])
      timers.advance(31_000)
      await recorder.idle()
    }
    sink.turns.length = 0
    timers.advance(31_000)
    await recorder.idle()
    expect(seqsOf(sink.stored)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('drops the newest without a spool', async () => {
    const { recorder, sink, logged } = scene({ queueEvents: 10 })
    for (let index = 0; index < 12; index++) recorder.record(operation())
    expect(await recorder.flush()).toEqual({ written: 10, spooled: 0, dropped: 2, pending: 0 })
    expect(recorder.counts().dropped.queue_full).toBe(2)
    expect(seqsOf(sink.stored)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    for (let index = 0; index < 12; index++) recorder.record(operation())
    await recorder.flush()
    expect(logged).toHaveLength(2)
    expect(seqsOf(sink.stored)).toContain(13)
  })

  test('makes those wait who can, with the policy block', async () => {
    const { recorder, sink } = scene({ queueEvents: 2, overflow: 'block' })
    const durably = Array.from({ length: 5 }, () => recorder.recordDurably(operation()))
    recorder.record(operation())
    const room = recorder.room()
    await recorder.flush()
    await room
    expect(await Promise.all(durably)).toEqual(Array.from({ length: 5 }, () => 'written'))
    expect(seqsOf(sink.stored)).toEqual([1, 2, 3, 4, 5])
    expect(recorder.counts().dropped.queue_full).toBe(1)
  })

  test('is bounded in bytes, also on the way to the spool', async () => {
    const { recorder } = scene({ spool: memorySpool(), queueBytes: 1500, spoolFirst: true })
    for (let index = 0; index < 10; index++) recorder.record({ ...operation(), message: 'x'.repeat(200) })
    const { written, spooled, dropped } = await recorder.flush()
    expect([written, spooled, dropped]).toEqual([0, 2, 8])
  })
})

describe('recordDurably', () => {
  test('says where the event survives', async () => {
    const { recorder } = scene()
    const written = recorder.recordDurably(operation())
    await recorder.flush()
    expect(await written).toBe('written')
    const first = scene({ spool: memorySpool(), spoolFirst: true })
    expect(await first.recorder.recordDurably(operation())).toBe('spooled')
  })

  test('does not wait for others to make a batch', async () => {
    const { recorder, timers } = scene()
    const written = recorder.recordDurably(operation())
    timers.advance(0)
    expect(await written).toBe('written')
  })

  test('rejects, with the reason, when the event will not survive', async () => {
    const { recorder } = scene({ sink: scriptedSink({ isBad: () => true }) })
    await expect(recorder.recordDurably({ eventType: 'OPERATION' })).rejects.toMatchObject({
      code: 'event_dropped',
      details: { reason: 'invalid' },
      message: expect.stringContaining('action is missing'),
    })
    const rejected = recorder.recordDurably(operation())
    void recorder.flush()
    await expect(rejected).rejects.toMatchObject({ code: 'event_dropped', details: { reason: 'rejected' } })
    await recorder.close()
  })

  test('rejects from the call of `close` on, and says that it is for this', async () => {
    const { recorder } = scene()
    const closing = recorder.close()
    const refusal = { code: 'recorder_closed', details: { reason: 'closed' } }
    await expect(recorder.recordDurably(operation())).rejects.toMatchObject(refusal)
    await closing
    await expect(recorder.recordDurably(operation())).rejects.toMatchObject(refusal)
    expect(recorder.counts()).toMatchObject({ emitted: 2, dropped: { closed: 2 } })
  })

  test('says of two events with one id that they are in conflict, or the same', async () => {
    const { recorder } = scene()
    const id = '019a4e4f-217b-7abc-8def-0123456789ab'
    const first = recorder.recordDurably({ ...operation(), id })
    const second = recorder.recordDurably({ ...operation(), id, reason: 'another' })
    void recorder.flush()
    expect(await first).toBe('written')
    await expect(second).rejects.toMatchObject({ details: { reason: 'conflict' } })
  })
})

describe('close', () => {
  test('writes what is left, and takes no more', async () => {
    const { recorder, sink } = scene()
    recorder.record(operation())
    const closing = recorder.close()
    expect(recorder.state).toBe('draining')
    recorder.record(operation())
    expect(await closing).toEqual({ written: 1, spooled: 0, dropped: 0, pending: 0 })
    expect(recorder.state).toBe('closed')
    expect(recorder.counts()).toMatchObject({ emitted: 2, dropped: { closed: 1 } })
    expect(seqsOf(sink.stored)).toEqual([1])
  })

  test.each([
    ['spools what the sink does not take in time', memorySpool(), { spooled: 2, dropped: 0 }],
    ['counts what finds no place', undefined, { spooled: 0, dropped: 2 }],
    [
      'counts what the spool does not take either',
      memorySpool(async (step) => {
        if (step === 'append') throw unavailable()
      }),
      { spooled: 0, dropped: 2 },
    ],
  ])('%s', async (_, spool, result) => {
    const { recorder, sink, timers } = scene({ spool })
    sink.turns.push('hang')
    recorder.record(operation())
    recorder.record(operation())
    const closing = recorder.close({ deadlineMs: 500 })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    timers.advance(500)
    expect(await closing).toEqual({ written: 0, ...result, pending: 0 })
    expect(timers.waiting).toBe(0)
  })
})

test('the metrics say what the counts say', async () => {
  const { recorder, timers } = scene({ spool: memorySpool() })
  recorder.record(operation())
  recorder.record({ eventType: 'OPERATION' })
  timers.advance(1000)
  await recorder.flush()
  const metrics = new Map(recorder.metrics().map(({ name, samples }) => [name, samples]))
  const valueOf = (name: string, labels: object) =>
    metrics.get(name)?.find((sample) => JSON.stringify(sample.labels) === JSON.stringify(labels))?.value
  expect(valueOf('steptrail_recorder_emitted_total', {})).toBe(2)
  expect(valueOf('steptrail_recorder_events_total', { outcome: 'written', reason: '' })).toBe(1)
  expect(valueOf('steptrail_recorder_events_total', { outcome: 'dropped', reason: 'invalid' })).toBe(1)
  expect(valueOf('steptrail_recorder_queue_events', {})).toBe(0)
  expect(valueOf('steptrail_recorder_spool_bytes', {})).toBe(0)
  expect(valueOf('steptrail_recorder_flush_seconds', { le: '+Inf' })).toBe(1)
  expect(valueOf('steptrail_recorder_last_success_timestamp_seconds', {})).toBe(timers.now() / 1000)
})

test.each([
  [{ batchEvents: 0 }, 'batchEvents (0) is no whole number from 1'],
  [{ queueEvents: 1.5 }, 'queueEvents (1.5) is no whole number from 1'],
  [{ overflow: 'spool' as const }, 'overflow ("spool") needs a spool: give one'],
  [{ spoolFirst: true }, 'spoolFirst (true) needs a spool'],
])('refuses %j', (options, message) => {
  expect(() => scene(options)).toThrow(message)
})
