import type { FeedProjection, TextsRow } from '@steptrail/core'
import { LeafHasher } from './leaf-hasher.ts'
import { leafPlaces, leafTexts } from './leaf-texts.ts'

/** An event as the log takes it in. */
export interface Leaf {
  readonly eventId: string
  /** As PostgreSQL writes it. */
  readonly timestamp: string
  readonly hash: Uint8Array
}

/** The leaves of events of the feed. */
export function leavesOfFeed(): FeedProjection<Leaf> {
  const hasher = new LeafHasher()
  return {
    columns: leafTexts,
    rowsAs: 'texts',
    itemOf: (row: TextsRow) => leafOf(row, hasher),
  }
}

/** The leaf of a row as `leafTexts` selects it. */
export const leafOf = (row: TextsRow, hasher: LeafHasher): Leaf => ({
  eventId: String(row[leafPlaces.id]),
  timestamp: String(row[leafPlaces.timestamp]),
  hash: hasher.leafHash(row),
})
