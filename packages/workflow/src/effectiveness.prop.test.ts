import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type EffectivenessFacts, effectivenessOf } from './effectiveness.ts'

const facts: fc.Arbitrary<EffectivenessFacts> = fc
  .record({
    totalSteps: fc.nat(500),
    retries: fc.nat(50_000),
    rollbacks: fc.nat(500),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ share, ...counts }) => ({ ...counts, stepsCompleted: Math.floor(share * counts.totalSteps) }))

const penalty = fc.double({ min: 0, max: 1, noNaN: true })
const parameters = fc.record({ retryPenalty: penalty, rollbackPenalty: penalty })

it('effectiveness lies between 0 and 1, and is 1 only where every step completed', () => {
  fc.assert(
    fc.property(facts, parameters, (given, with_) => {
      const score = effectivenessOf(given, with_)
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(1)
      if (score === 1) expect(given.stepsCompleted).toBe(given.totalSteps)
    }),
  )
})

it('effectiveness never grows with retries or rollbacks, and never falls with steps completed', () => {
  fc.assert(
    fc.property(facts, parameters, (given, with_) => {
      const score = effectivenessOf(given, with_)
      const of = (change: Partial<EffectivenessFacts>) => effectivenessOf({ ...given, ...change }, with_)
      expect(of({ retries: given.retries + 1 })).toBeLessThanOrEqual(score)
      expect(of({ rollbacks: given.rollbacks + 1 })).toBeLessThanOrEqual(score)
      if (given.stepsCompleted < given.totalSteps)
        expect(of({ stepsCompleted: given.stepsCompleted + 1 })).toBeGreaterThanOrEqual(score)
    }),
  )
})
