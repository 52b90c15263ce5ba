import { randomFillSync } from 'node:crypto'
import type { PreparedRow } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import { BinaryCells } from '../database/binary-cells.ts'
import { CopiedRow } from './copied-row.ts'
import { saltBytes, writeRow } from './event-cells.ts'

/**
 * Makes rows of COPY of events as they come, one behind another: all that is kept of an event until its batch is written
 * is where its row lies. Where thousands wait, to keep each as an object with all its texts costs the garbage collector
 * as much as writing them does.
 */
export class CopiedRows {
  #rows = new BinaryCells(blockBytes)
  readonly #salts = new Uint8Array(256 * saltBytes)
  #salted = this.#salts.length

  /**
   * The event as one that `createDatabaseSink` takes as it is.
   *
   * @throws TrailError `batch_refused` when a value is none of its column's type
   */
  add(event: PreparedRow): OutgoingEvent {
    if (this.#rows.length > blockBytes - usualRowBytes) this.#rows = new BinaryCells(blockBytes)
    const rows = this.#rows
    const start = rows.length
    writeRow(event, rows, { salts: this.#salts, at: this.#nextSalt() })
    return new CopiedRow(event.timestampMs, { rows, start, end: rows.length })
  }

  #nextSalt(): number {
    this.#salted += saltBytes
    if (this.#salted < this.#salts.length) return this.#salted
    randomFillSync(this.#salts)
    this.#salted = 0
    return 0
  }
}

/** Rows that lie together are in memory for as long as one of them is. */
const blockBytes = 262_144
const usualRowBytes = 4_096
