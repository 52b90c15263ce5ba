import { describe, expect, it } from 'vitest'
import { effectivenessOf } from './effectiveness.ts'

describe('effectiveness', () => {
  it.each([
    { totalSteps: 0, stepsCompleted: 0, retries: 0, rollbacks: 0, score: 0 },
    { totalSteps: 4, stepsCompleted: 4, retries: 0, rollbacks: 0, score: 1 },
    { totalSteps: 4, stepsCompleted: 4, retries: 2, rollbacks: 0, score: 0.9 },
    { totalSteps: 4, stepsCompleted: 3, retries: 0, rollbacks: 0, score: 0.75 },
    { totalSteps: 4, stepsCompleted: 3, retries: 3, rollbacks: 3, score: 0.3 },
    { totalSteps: 3, stepsCompleted: 1, retries: 3, rollbacks: 1, score: 1 / 3 - 0.25 },
    { totalSteps: 3, stepsCompleted: 2, retries: 3, rollbacks: 2, score: 2 / 3 - 0.35 },
    { totalSteps: 3, stepsCompleted: 1, retries: 4, rollbacks: 2, score: 0 },
    { totalSteps: 2, stepsCompleted: 0, retries: 0, rollbacks: 0, score: 0 },
  ])(
    'of $stepsCompleted of $totalSteps steps, $retries retries and $rollbacks rollbacks is $score',
    (facts) => {
      expect(effectivenessOf(facts)).toBeCloseTo(facts.score, 12)
    },
  )

  it('is calculated with the penalties that are given', () => {
    const facts = { totalSteps: 2, stepsCompleted: 2, retries: 1, rollbacks: 1 }
    expect(effectivenessOf(facts, { retryPenalty: 0.25, rollbackPenalty: 0 })).toBe(0.75)
    expect(effectivenessOf(facts, { retryPenalty: 0, rollbackPenalty: 0.5 })).toBe(0.5)
  })
})
