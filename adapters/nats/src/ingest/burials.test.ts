import { expect, it } from 'vitest'
import { Burials } from './burials.ts'

const deadOf = (sequence: number, reason = 'it is not one JSON object') => ({
  delivery: { reply: `$JS.ACK.steptrail.ingesters.1.${sequence}.${sequence}.1790000000000000000.0` },
  why: { outcome: 'rejected', reason } as const,
})

it('keeps all that the consumer lets wait', () => {
  const burials = new Burials()
  burials.add(Array.from({ length: 50_000 }, (_, index) => deadOf(index + 1)))
  expect(burials.size).toBe(50_000)
})

it('leaves to the stream what there is no room for, and has room again', () => {
  const burials = new Burials()
  const long = 'x'.repeat(1_000)
  const many = Array.from({ length: 20_000 }, (_, index) => deadOf(index + 1, long))
  burials.add(many)
  const kept = burials.size
  expect(kept).toBeGreaterThan(15_000)
  expect(kept).toBeLessThan(16_778)
  burials.add(many.slice(0, kept))
  expect(burials.size).toBe(kept)
  expect(burials.drain()).toHaveLength(kept)
  burials.add(many.slice(kept))
  expect(burials.size).toBe(20_000 - kept)
})
