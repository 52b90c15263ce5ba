import { z } from 'zod'
import { readCursor, writeCursor } from './opaque-cursor.ts'
import { parseSnapshot } from './snapshot.ts'

const snapshotText = z.string().refine((text) => parseSnapshot(text) !== null)

const feedPositionSchema = z.strictObject({
  generation: z.string(),
  from: snapshotText,
  to: snapshotText.nullable(),
  after: z.guid().nullable(),
})

/**
 * How far a follower has got. It has everything that was committed at the snapshot `from`. With `to`, it is on
 * its way through what was committed between the two, in the order of ids, and has got to `after`.
 */
export type FeedPosition = Readonly<z.output<typeof feedPositionSchema>>

/** The position as callers keep it. */
export const feedCursorOf = (position: FeedPosition): string => writeCursor(position)

/**
 * The position that a cursor stands for.
 *
 * @throws TrailError `invalid_cursor`
 */
export const feedPositionOf = (cursor: string): FeedPosition => readCursor(cursor, feedPositionSchema)
