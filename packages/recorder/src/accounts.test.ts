import { expect, test } from 'vitest'
import { operation, scene } from '../test/recording.ts'
import type { Recorder } from './recorder.ts'

/** An event that does something to the recorder while that reads it. */
const doing = (work: () => void) => ({
  ...operation(),
  details: {
    get now(): number {
      work()
      return 1
    },
  },
})

const sumOf = (recorder: Recorder): number => {
  const { written, spooled, dropped, pending } = recorder.counts()
  return written + spooled + pending + Object.values(dropped).reduce((sum, each) => sum + each, 0)
}

test('add up also while an event is being read, and while something is logged', () => {
  const sums: [number, number][] = []
  const look = (): void => void sums.push([sumOf(recorder), recorder.counts().emitted])
  const { recorder } = scene({ queueEvents: 1, logger: { warn: look, error: look } })
  recorder.record(doing(look))
  recorder.record(operation())
  recorder.record({ eventType: 'OPERATION' })
  expect(sums).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ])
})

test('hold an event that was being read when they were flushed', async () => {
  const { recorder } = scene()
  const flushes: Promise<unknown>[] = []
  recorder.record(operation())
  recorder.record(doing(() => flushes.push(recorder.flush())))
  recorder.record(operation())
  await recorder.flush()
  expect(await Promise.all(flushes)).toEqual([{ written: 2, spooled: 0, dropped: 0, pending: 0 }])
})

test('hold an event that was being read when the recorder was closed', async () => {
  const { recorder, timers } = scene()
  const closings: Promise<unknown>[] = []
  recorder.record(doing(() => closings.push(recorder.close())))
  timers.advance(100)
  expect(await Promise.all(closings)).toEqual([{ written: 1, spooled: 0, dropped: 0, pending: 0 }])
})
