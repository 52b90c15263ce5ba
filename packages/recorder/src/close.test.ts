import { TrailError } from '@steptrail/event'
import { expect, test } from 'vitest'
import { fakeTimers } from '../test/fake-timers.ts'
import { memorySpool, unavailable } from '../test/memory-spool.ts'
import { operation, scene } from '../test/recording.ts'
import { createRecorder } from './recorder.ts'
import type { Sink } from './sink.ts'

test('asks a spool that took nothing lately for the last time', async () => {
  let isFull = true
  const spool = memorySpool(async (step) => {
    if (step === 'append' && isFull) throw unavailable()
  })
  const { recorder, sink, timers } = scene({ spool, failuresBeforeSpool: 1, retryMaxMs: 60_000 })
  sink.turns.push('fail', 'hang')
  recorder.record(operation())
  timers.advance(100)
  await recorder.idle()
  expect(recorder.counts()).toMatchObject({ pending: 1, spooled: 0 })
  isFull = false
  const closing = recorder.close({ deadlineMs: 500 })
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  timers.advance(500)
  expect(await closing).toEqual({ written: 0, spooled: 1, dropped: 0, pending: 0 })
  expect(timers.waiting).toBe(0)
})

test('says of all that was dropped that it was', async () => {
  const { recorder, logged, timers } = scene()
  for (let index = 0; index < 5; index++) recorder.record({ eventType: 'OPERATION' })
  timers.advance(9_999)
  recorder.record({ eventType: 'OPERATION' })
  await recorder.close()
  expect(logged.map(([, { reason, events }]) => [reason, events])).toEqual([
    ['invalid', 1],
    ['invalid', 5],
  ])
})

test('begins no write that nobody waits for', async () => {
  const bad = new TrailError('batch_refused', 'a constraint does not hold')
  let refuse: () => void = () => undefined
  let writes = 0
  const sink: Sink = {
    write: () => {
      writes += 1
      return new Promise((_, reject) => {
        refuse = () => reject(bad)
      })
    },
  }
  const timers = fakeTimers()
  const recorder = createRecorder({ sink, timers, logger: { warn: () => undefined, error: () => undefined } })
  recorder.record(operation())
  recorder.record(operation())
  const closing = recorder.close({ deadlineMs: 500 })
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  // Refused at the deadline: the batch would be divided, and both halves written.
  refuse()
  timers.advance(500)
  expect(await closing).toEqual({ written: 0, spooled: 0, dropped: 2, pending: 0 })
  expect(writes).toBe(1)
})

test('puts into the spool as many of the oldest as there is room for', async () => {
  let room = 7
  const spool = memorySpool()
  const append = spool.append.bind(spool)
  spool.append = async (events) => {
    if (events.length > room)
      throw new TrailError('spool_unavailable', 'the spool is full', { details: { code: 'full' } })
    room -= events.length
    await append(events)
  }
  const { recorder, sink, timers, logged } = scene({ spool, failuresBeforeSpool: 1, retryMaxMs: 60_000 })
  sink.turns.push('fail', 'hang')
  for (let index = 0; index < 20; index++) recorder.record(operation(`action_${index}`))
  const closing = recorder.close({ deadlineMs: 500 })
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
  timers.advance(500)
  expect(await closing).toEqual({ written: 0, spooled: 7, dropped: 13, pending: 0 })
  const actions = spool.unsettled.map(({ json }) => (JSON.parse(json) as { action: string }).action)
  expect(actions).toEqual(Array.from({ length: 7 }, (_, index) => `action_${index}`))
  expect(logged.filter(([message]) => message.includes('the spool takes nothing'))).toHaveLength(1)
})
