import { eventLimits, isStorable } from '@steptrail/event'
import { z } from 'zod'

const once = 'is given more than once'

/** Text in a query, up to so many characters. */
export const textParameter = (max: number = eventLimits.nameLength) =>
  z
    .string(once)
    .min(1, 'is empty')
    .max(max, `is longer than ${max} characters`)
    .refine(isStorable, 'holds U+0000 or a lone surrogate, which no event does')
    .optional()

/** One of some words in a query. */
export const wordParameter = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: `is none of ${values.join(', ')}` }).optional()

/** A whole number in a query, in decimal digits. */
export const numberParameter = (min: number, max: number) => {
  const problem = `is not a whole number from ${min} to ${max}`
  return z
    .string(problem)
    .regex(/^\d{1,12}$/, problem)
    .transform(Number)
    .pipe(z.int().min(min, problem).max(max, problem))
    .meta({ type: 'integer', minimum: min, maximum: max })
    .optional()
}

/** `true` or `false` in a query. */
export const flagParameter = z
  .enum(['true', 'false'], { error: 'is none of true, false' })
  .transform((word) => word === 'true')
  .optional()

/** A point in time in a query: ISO 8601, UTC unless it has an offset; a date alone is that day. */
export const timeParameter = z
  .union([z.iso.date(), z.iso.datetime({ offset: true, local: true })], {
    error: 'is not ISO 8601, such as 2025-11-04 or 2025-11-04T10:00:00Z',
  })
  .meta({ type: 'string', description: 'ISO 8601; UTC unless it has an offset; a date alone is that day.' })
  .optional()

/** How many items a page holds. */
export const limitParameter = numberParameter(1, 1000).describe('Items on a page: 100 unless given.')

/** The `next_cursor` of the page before. */
export const cursorParameter = textParameter(4000).describe('The next_cursor of the page before.')

/** A UUID in a path. */
export const uuidParameter = z.guid('is not a UUID').toLowerCase()
