import type { OutgoingEvent } from '@steptrail/recorder'
import { expect, test } from 'vitest'
import { eventArrays } from './event-cells.ts'

const events = (count: number): readonly OutgoingEvent[] =>
  Array.from({ length: count }, (_, index) => {
    const id = `019a4e4f-217b-7abc-8def-${String(index).padStart(12, '0')}`
    return { id, timestampMs: 0, json: JSON.stringify({ id, details: { text: 'x'.repeat(20_000) } }) }
  })

test.each([100, 1000])('others get their turn while %i events are taken apart', async (count) => {
  let turns = 0
  const done = new AbortController()
  const take = (): void => {
    turns += 1
    if (!done.signal.aborted) setImmediate(take)
  }
  setImmediate(take)
  await eventArrays(events(count))
  done.abort()
  expect(turns).toBeGreaterThan(10)
})
