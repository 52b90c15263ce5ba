import type { BinaryRow, FeedProjection } from '@steptrail/core'
import { exactInstant } from './instant.ts'
import { LeafHasher } from './leaf-hasher.ts'
import { leafPlaces, leafValues } from './leaf-members.ts'

/** An event as the log takes it in. */
export interface Leaf {
  readonly eventId: string
  /** ISO-8601, to the microsecond. */
  readonly timestamp: string
  readonly hash: Uint8Array
}

/** The leaves of events of the feed. */
export function leavesOfFeed(): FeedProjection<Leaf> {
  const hasher = new LeafHasher()
  return {
    columns: leafValues,
    rowsAs: 'bytes',
    itemOf: (row: BinaryRow, id: string) => leafOf(row, id, hasher),
  }
}

/** The leaf of a row as `leafValues` selects it. */
export const leafOf = (row: BinaryRow, eventId: string, hasher: LeafHasher): Leaf => ({
  eventId,
  timestamp: exactInstant(row, leafPlaces.timestamp),
  hash: hasher.leafHash(row),
})
