import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWithin, withTail } from './live-tail.ts'

interface Recorded {
  readonly id: string
  readonly timestamp: string
}

const events = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    timestamp: fc.integer({ min: 0, max: 50 }).map((second) => new Date(second * 1_000).toISOString()),
  }),
  { selector: ({ id }) => id, maxLength: 40 },
)
const newestFirst = (one: Recorded, other: Recorded): number =>
  other.timestamp.localeCompare(one.timestamp) || (one.id < other.id ? 1 : -1)

describe('the live tail of a list', () => {
  it('is what reading the list again would show, whatever the order in which events came', () => {
    fc.assert(
      fc.property(events, fc.nat(40), fc.nat(40), fc.boolean(), (all, before, perPage, isRepeated) => {
        const recorded = all.slice(0, before).toSorted(newestFirst)
        const listed = recorded.slice(0, Math.max(1, perPage))
        const came = [...all.slice(before), ...(isRepeated ? all.slice(0, 5) : [])]
        const isWhole = listed.length === recorded.length
        const shown = withTail({ came, listed, isWhole })
        const readAgain = [...new Set([...recorded, ...came])].toSorted(newestFirst)
        expect(shown).toEqual(readAgain.slice(0, shown.length))
        if (isWhole) expect(shown).toHaveLength(readAgain.length)
      }),
    )
  })

  it('takes the time of its list, with its edges', () => {
    const within = isWithin({ start_date: '2025-11-04', end_date: '2025-11-04' })
    const at = (timestamp: string): boolean => within({ timestamp })
    expect([at('2025-11-04T00:00:00.000Z'), at('2025-11-04T23:59:59.999Z')]).toEqual([true, true])
    expect([at('2025-11-03T23:59:59.999Z'), at('2025-11-05T00:00:00.000Z')]).toEqual([false, false])
    expect(isWithin({ start_date: null, end_date: null })({ timestamp: '1970-01-01T00:00:00Z' })).toBe(true)
  })
})
