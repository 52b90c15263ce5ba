import { expect, test } from 'vitest'
import { operation, scene } from '../test/recording.ts'

test('gives each who awaits room a place, with the policy block', async () => {
  const { recorder, sink } = scene({ queueEvents: 3, overflow: 'block' })
  const producers = Array.from({ length: 4 }, async () => {
    for (let index = 0; index < 5; index++) {
      await recorder.room()
      recorder.record(operation())
    }
  })
  while (sink.stored.length < 20) await recorder.flush()
  await Promise.all(producers)
  expect(recorder.counts().dropped.queue_full).toBe(0)
  expect(sink.stored).toHaveLength(20)
})

test('gives a place that nobody took to the next', async () => {
  const { recorder, timers } = scene({ queueEvents: 1, overflow: 'block' })
  await recorder.room()
  const next = recorder.room()
  timers.advance(0)
  await next
  expect(recorder.counts().emitted).toBe(0)
})

test('lets those go who wait for room when it is closed', async () => {
  const { recorder } = scene({ queueEvents: 1, overflow: 'block' })
  recorder.record(operation())
  const room = recorder.room()
  await recorder.close()
  await room
  expect(recorder.state).toBe('closed')
})
