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

const text = 'x'.repeat(1000)
const large = { ...operation(), details: { text } }

test('gives each a place, with the policy block, where it is bytes that there is no room for', async () => {
  const { recorder, sink } = scene({ queueBytes: 5000, batchEvents: 2, overflow: 'block' })
  const producers = Array.from({ length: 4 }, async () => {
    for (let index = 0; index < 5; index++) {
      await recorder.room()
      recorder.record(large)
    }
  })
  while (sink.stored.length < 20) await recorder.flush()
  await Promise.all(producers)
  expect(recorder.counts().dropped.queue_full).toBe(0)
})

test('keeps a place that was promised from those who can wait, with the policy block', async () => {
  const { recorder, sink, timers } = scene({ queueEvents: 1, overflow: 'block' })
  const room = recorder.room()
  const durable = recorder.recordDurably(operation('durable'))
  await room
  recorder.record(operation('promised'))
  timers.advance(100)
  await recorder.flush()
  expect(await durable).toBe('written')
  expect(sink.stored.map(({ json }) => (JSON.parse(json) as { action: string }).action)).toEqual([
    'promised',
    'durable',
  ])
})

test('lets those go who can wait when nobody takes what was promised', async () => {
  const { recorder, timers } = scene({ queueEvents: 1, overflow: 'block' })
  void recorder.room()
  const durable = recorder.recordDurably(operation())
  timers.advance(0)
  expect(await durable).toBe('written')
})

test('lets nobody wait for a place that there will never be', async () => {
  const { recorder } = scene({ queueBytes: 1000, overflow: 'block' })
  await expect(recorder.recordDurably(large)).rejects.toMatchObject({ details: { reason: 'queue_full' } })
  expect(recorder.counts()).toMatchObject({ emitted: 1, pending: 0 })
})
