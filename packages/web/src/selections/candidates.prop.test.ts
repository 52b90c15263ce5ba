import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { candidatesOf, leftOutWords, scoreParts } from './candidates.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const breakdown = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), share, { maxKeys: 4 })

describe('the parts of a score', () => {
  it('lie within the scale, and lead from nothing to the score', () => {
    fc.assert(
      fc.property(share, breakdown, breakdown, (base_similarity, boost_breakdown, penalty_breakdown) => {
        const parts = scoreParts({ base_similarity, boost_breakdown, penalty_breakdown })
        for (const { from, to } of parts) {
          expect(from).toBeGreaterThanOrEqual(0)
          expect(to).toBeLessThanOrEqual(1)
          expect(to).toBeGreaterThan(from)
        }
        const gained = parts.filter(({ kind }) => kind !== 'penalty')
        for (const [index, { from }] of gained.entries())
          expect(from).toBeCloseTo(index === 0 ? 0 : (gained[index - 1]?.to ?? 0), 9)
      }),
    )
  })

  it('are those of the example: 0.88 less 0.10 is 0.78', () => {
    const parts = scoreParts({ base_similarity: 0.88, boost_breakdown: {}, penalty_breakdown: { a: 0.1 } })
    expect(parts[1]?.kind).toBe('penalty')
    expect(parts[1]?.from).toBeCloseTo(0.78)
    expect(parts[1]?.to).toBeCloseTo(0.88)
  })
})

it('are read from nothing that is another kind of event', () => {
  expect(candidatesOf({ details: { payload: { candidates: 'many' } } })).toBeNull()
  expect(candidatesOf({ details: null })).toBeNull()
})

it('say why they were left out', () => {
  const leftOut = [{ kind: 'label', label: 'environment', has: ['staging', 'test'], wanted: 'production' }]
  expect(leftOutWords({ leftOut })).toBe('environment is staging or test, wanted production')
  expect(leftOutWords({ leftOut: [{ kind: 'not_active' }] })).toBe('it is not active')
})
