import { TrailError } from '@steptrail/event'
import { expect, test } from 'vitest'
import { memorySpool } from '../test/memory-spool.ts'
import { type LoggedLine, operation, scene } from '../test/recording.ts'
import type { FakeTimers } from '../test/fake-timers.ts'

/** Lets what is due happen, with all that follows. */
async function after(durationMs: number, timers: FakeTimers): Promise<void> {
  timers.advance(durationMs)
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
}

const reasonsOf = (logged: readonly LoggedLine[]): readonly string[] =>
  logged.map(([, { error }]) => (error as Error).message)

test('an outage is told of once for each reason in turn, at most every ten seconds, and anew when it comes again', async () => {
  const failing = { reason: 'refused at port 1' }
  const sink = {
    write: async () => {
      if (failing.reason !== '') throw new Error(failing.reason)
      return [{ outcome: 'created' } as const]
    },
  }
  const options = { sink: { ...sink, stored: [], writes: [], turns: [] }, batchAgeMs: 0, retryMaxMs: 1_000 }
  const { recorder, timers, logged } = scene(options)
  recorder.record(operation())
  await after(0, timers)
  expect(reasonsOf(logged)).toEqual(['refused at port 1'])
  failing.reason = 'refused at port 2'
  for (let second = 0; second < 60; second++) await after(1_000, timers)
  expect(logged).toHaveLength(1)
  failing.reason = 'permission denied'
  for (let second = 0; second < 60; second++) await after(1_000, timers)
  expect(reasonsOf(logged)).toEqual(['refused at port 1', 'permission denied'])
  for (let second = 0; second < 20; second++) {
    failing.reason = second % 2 === 0 ? 'refused' : 'permission denied'
    await after(1_000, timers)
  }
  expect(logged.length).toBeGreaterThan(2)
  expect(logged.length).toBeLessThanOrEqual(4)
  const before = logged.length
  failing.reason = ''
  await after(1_000, timers)
  expect(recorder.counts()).toMatchObject({ written: 1 })
  failing.reason = 'refused'
  recorder.record(operation())
  await after(0, timers)
  expect(logged).toHaveLength(before + 1)
})

test('so is a spool that takes nothing', async () => {
  const failing = { code: 'full' }
  const spool = memorySpool(async (what) => {
    if (what === 'append')
      throw new TrailError('spool_unavailable', `the spool is ${failing.code}`, { details: failing })
  })
  const { recorder, sink, timers, logged } = scene({
    spool,
    batchAgeMs: 0,
    failuresBeforeSpool: 1,
    retryMaxMs: 1_000,
  })
  sink.turns.push(...Array.from({ length: 200 }, () => 'fail' as const))
  recorder.record(operation())
  const ofSpool = (): readonly string[] =>
    reasonsOf(logged.filter(([message]) => message.includes('the spool takes nothing')))
  for (let second = 0; second < 60; second++) await after(1_000, timers)
  expect(ofSpool()).toEqual(['the spool is full'])
  failing.code = 'of another user'
  for (let second = 0; second < 60; second++) await after(1_000, timers)
  expect(ofSpool()).toEqual(['the spool is full', 'the spool is of another user'])
})
