import { TrailError } from '@steptrail/event'

/** What a page may hold. */
const mostItems = 1_000

/** The limit of a page, 1 to 1,000. Throws `invalid_input`. */
export function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostItems) return limit
  throw new TrailError('invalid_input', `limit (${limit}) is not a whole number from 1 to ${mostItems}`, {
    details: { parameter: 'limit' },
  })
}
