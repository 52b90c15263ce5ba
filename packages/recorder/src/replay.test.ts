import { expect, test } from 'vitest'
import { fakeTimers } from '../test/fake-timers.ts'
import { memorySpool } from '../test/memory-spool.ts'
import { fromTo, numbered, numberOf } from '../test/numbered-events.ts'
import { operation, scene } from '../test/recording.ts'
import { scriptedSink } from '../test/scripted-sink.ts'
import { createRecorder } from './recorder.ts'
import { replaySpool } from './replay-spool.ts'
import type { Sink } from './sink.ts'

const large = 1000

test('writes no larger batches out of the spool than others', async () => {
  const spool = memorySpool()
  await spool.append(fromTo(1, 50).map((event) => numbered(numberOf(event), large)))
  const { recorder, sink } = scene({ spool, batchBytes: 5 * large })
  await recorder.idle()
  expect(sink.stored).toHaveLength(50)
  expect(Math.max(...sink.writes.map((batch) => batch.length))).toBe(4)
})

test('writes no larger batches than usual where a spool is replayed by itself', async () => {
  const [spool, sink] = [memorySpool(), scriptedSink()]
  await spool.append(fromTo(1, 60).map((event) => numbered(numberOf(event), 200_000)))
  expect(await replaySpool({ spool, sink })).toMatchObject({ created: 60 })
  const sizes = sink.writes.map((batch) => batch.reduce((sum, { json }) => sum + json.length, 0))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 1024 ** 2)
})

test('reads no more at a time out of the spool for want of a queue, and tries again in order', async () => {
  const spool = memorySpool()
  await spool.append(fromTo(1, 100))
  const { recorder, sink, timers } = scene({ spool, queued: false, batchEvents: 10, writesInFlight: 2 })
  sink.turns.push('hang', 'hang')
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
  expect(sink.writes.map((batch) => batch.length)).toEqual([10, 10])
  timers.advance(30_000)
  await recorder.idle()
  timers.advance(1000)
  await recorder.idle()
  expect(sink.stored.map(numberOf)).toEqual(fromTo(1, 100).map(numberOf))
})

test('reads a spool again that could not be read', async () => {
  let failures = 2
  const spool = memorySpool(async (step) => {
    if (step === 'next' && failures-- > 0) throw new Error('too many open files')
  })
  await spool.append(fromTo(1, 5))
  const { recorder, sink, timers, logged } = scene({ spool })
  await recorder.idle()
  expect(sink.stored).toEqual([])
  for (let wait = 0; wait < 2; wait++) {
    timers.advance(2000)
    await recorder.idle()
  }
  expect(sink.stored.map(numberOf)).toEqual([1, 2, 3, 4, 5])
  expect(logged.map(([message]) => message)).toEqual([expect.stringContaining('it will be tried again')])
})

test('is not waited for when the recorder is closed and the spool cannot be read', async () => {
  const spool = memorySpool(async (step) => {
    if (step === 'next') throw new Error('too many open files')
  })
  const { recorder, timers } = scene({ spool })
  recorder.record(operation())
  expect(await recorder.close()).toMatchObject({ written: 1 })
  expect(timers.waiting).toBe(0)
})

test('settles what was refused for good only when its dead letter is kept', async () => {
  const { promise: kept, resolve: keep } = Promise.withResolvers<void>()
  const steps: string[] = []
  const spool = memorySpool(async (step) => {
    steps.push(step)
    if (step === 'bury') await kept
  })
  await spool.append([numbered(1)])
  const refusing: Sink = {
    write: async (batch) => batch.map(() => ({ outcome: 'conflict', reason: 'another has its id' })),
  }
  const logger = { warn: () => undefined, error: () => undefined }
  const recorder = createRecorder({ sink: refusing, spool, timers: fakeTimers(), logger })
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  expect(steps).toContain('bury')
  expect(steps).not.toContain('settle')
  keep()
  await recorder.idle()
  expect(spool.unsettled).toEqual([])
})
