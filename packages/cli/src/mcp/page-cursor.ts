import { createHash } from 'node:crypto'
import { readCursor, writeCursor } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { z } from 'zod'

const positionSchema = z.strictObject({ of: z.string(), offset: z.int().min(1) })

/** What tells one list from another. */
const digestOf = (list: object): string =>
  createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 16)

/** The cursor of the page of a list that begins at an offset: opaque, and of that list alone. */
export const pageCursor = (list: object, offset: number): string =>
  writeCursor({ of: digestOf(list), offset })

/** Where the page of a cursor begins; 0 without one. Throws `invalid_cursor` for one of another list. */
export function offsetOf(list: object, cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const { of, offset } = readCursor(cursor, positionSchema)
  if (of === digestOf(list)) return offset
  throw new TrailError(
    'invalid_cursor',
    'the cursor is that of another list: give it with the same arguments, or start again without one',
  )
}
