import { TrailError } from '@steptrail/event'
import { z } from 'zod'

/** The time that a list looks at. Null: not bounded on that side. */
export interface EventWindow {
  readonly start_date: string | null
  readonly end_date: string | null
}

/** What decides on the window. */
export interface WindowParameters {
  readonly start_date?: string | undefined
  readonly end_date?: string | undefined
  readonly execution_id?: string | undefined
  readonly correlation_id?: string | undefined
}

/** Days that a list looks back at which is not asked for a time. */
const defaultDays = 7
const dayMs = 86_400_000

/** The time that was asked for; without one the last 7 days, unless one story is asked for. */
export function windowOf(given: WindowParameters, nowMs: number): EventWindow {
  const { start_date = null, end_date = null, execution_id, correlation_id } = given
  const isOpen = start_date === null && end_date === null && (execution_id ?? correlation_id) === undefined
  if (isOpen) return { start_date: new Date(nowMs - defaultDays * dayMs).toISOString(), end_date }
  return { start_date, end_date }
}

const pageSchema = z.strictObject({
  start: z.string().nullable(),
  end: z.string().nullable(),
  after: z.string(),
})

/** A page's cursor carries the window, which else would move on while somebody reads. */
export const pageCursor = ({ start_date, end_date }: EventWindow, after: string): string =>
  Buffer.from(JSON.stringify({ start: start_date, end: end_date, after })).toString('base64url')

/** The window and the place that a cursor stands for. Throws `invalid_cursor`. */
export function readPageCursor(cursor: string): { readonly window: EventWindow; readonly after: string } {
  const parsed = pageSchema.safeParse(parsedJson(Buffer.from(cursor, 'base64url').toString()))
  if (parsed.success) {
    const { start, end, after } = parsed.data
    const window = { start_date: start, end_date: end }
    if (pageCursor(window, after) === cursor) return { window, after }
  }
  throw new TrailError(
    'invalid_cursor',
    `${JSON.stringify(cursor.slice(0, 60))} is not a cursor of this list: start again without a cursor`,
    { details: { parameter: 'cursor' } },
  )
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
