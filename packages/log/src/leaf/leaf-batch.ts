import type { BinaryRow, FeedProjection } from '@steptrail/core'
import { LeafHasher } from './leaf-hasher.ts'
import { leafPlaces, leafValues } from './leaf-members.ts'
import { PackedArray } from './packed-array.ts'

/** Events as the log takes them in, in their order. */
export class LeafBatch {
  readonly #hasher = new LeafHasher()
  readonly #eventIds = new PackedArray('uuid')
  readonly #timestamps = new PackedArray('timestamptz')
  readonly #hashes: Uint8Array[] = []

  /** The leaf hash of each. */
  get hashes(): readonly Uint8Array[] {
    return this.#hashes
  }

  /** Adds the event of a row as `leafValues` selects it; returns its place. Throws a `RangeError` for one without a salt. */
  add(row: BinaryRow): number {
    const hash = this.#hasher.leafHash(row)
    this.#eventIds.add(row.bytes, row.starts[leafPlaces.id] as number)
    this.#timestamps.add(row.bytes, row.starts[leafPlaces.timestamp] as number)
    return this.#hashes.push(hash) - 1
  }

  /** The id of an event that was added. */
  eventIdAt(place: number): string {
    const hex = this.#eventIds.at(place).toString('hex')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }

  /** Their ids and timestamps, as parameters of a statement. */
  get parameters(): readonly [eventIds: Buffer, timestamps: Buffer] {
    return [this.#eventIds.encoded, this.#timestamps.encoded]
  }
}

/** Adds events of the feed to a batch; of each it gives the place. */
export const leavesOfFeed = (batch: LeafBatch): FeedProjection<number> => ({
  columns: leafValues,
  rowsAs: 'bytes',
  itemOf: (row: BinaryRow) => batch.add(row),
  idOf: (place) => batch.eventIdAt(place),
})
