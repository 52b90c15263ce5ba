import { TrailError } from '@steptrail/event'
import type { z } from 'zod'

/** A cursor as callers hold it: base64url of JSON, of which nobody but us need know the shape. */
export const writeCursor = (position: object): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url')

/**
 * The position that a cursor holds. Only what `writeCursor` wrote is taken: the schema must accept it, and
 * writing it again must give the same text.
 *
 * @throws TrailError `invalid_cursor`
 */
export function readCursor<Schema extends z.ZodType<object>>(
  cursor: string,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()))
  if (parsed.success && writeCursor(parsed.data) === cursor) return parsed.data
  throw new TrailError(
    'invalid_cursor',
    `${JSON.stringify(shortened(cursor))} is not a cursor of this list: start again without a cursor`,
    { details: { cursor } },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)
