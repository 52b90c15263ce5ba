import { randomBytes } from 'node:crypto'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type Cell, TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import { ArrayParameter } from '../database/array-parameter.ts'
import type { BinaryCells, CellType } from '../database/binary-cells.ts'
import { beginCopy, beginRow, endCopy } from '../database/copy-format.ts'
import { CopiedRow } from './copied-row.ts'
import { recordedColumns, recordedTypes } from './recorded-columns.ts'

/**
 * Events as one array for each of `recordedColumns`, to be bound to `unnest($1::uuid[], …)`.
 *
 * @throws TrailError `batch_refused` when a value is none of its column's type
 */
export async function eventArrays(batch: readonly OutgoingEvent[]): Promise<readonly Buffer[]> {
  const arrays = recordedTypes.map((type) => new ArrayParameter(type, batch.length))
  await forEachInTurns(batch, (event, index) => {
    forEachCell(event, (value, place) => {
      if (value !== null) arrays[place]?.set(index, value)
    })
  })
  return arrays.map((array) => array.encoded())
}

/** What is copied: a default that is not the same for all rows would have the database take them one by one. */
export const copiedColumns: readonly string[] = [...recordedColumns.map(({ column }) => column), 'salt']

/**
 * Events as the input of a binary COPY of `copiedColumns`, written into `cells` from their beginning, each with a salt.
 *
 * @throws TrailError `batch_refused` as `eventArrays` does
 */
export async function writeCopy(batch: readonly OutgoingEvent[], cells: BinaryCells): Promise<void> {
  const salts = randomBytes(batch.length * saltBytes)
  cells.clear()
  beginCopy(cells)
  await forEachInTurns(batch, (event, index) => {
    if (event instanceof CopiedRow) cells.raw(event.bytes)
    else writeRow(event, cells, { salts, at: index * saltBytes })
  })
  endCopy(cells)
}

/**
 * An event as a row of a COPY of `copiedColumns`, with the salt that lies there.
 *
 * @throws TrailError `batch_refused` as `eventArrays` does
 */
export function writeRow(
  event: OutgoingEvent,
  cells: BinaryCells,
  salt: { readonly salts: Uint8Array; readonly at: number },
): void {
  let nulls = 0
  beginRow(cells, copiedColumns.length)
  forEachCell(event, (value, place) => {
    if (value === null) {
      nulls += 1
      return
    }
    if (nulls > 0) cells.nulls(nulls)
    nulls = 0
    cells.cell(recordedTypes[place] as CellType, value)
  })
  if (nulls > 0) cells.nulls(nulls)
  cells.randomUuid(salt.salts, salt.at)
}

/** How many random bytes a salt is made of. */
export const saltBytes = 16

function forEachCell(event: OutgoingEvent, take: (value: Cell, place: number) => void): void {
  const cells = event instanceof CopiedRow ? event.cells() : (event.row?.cells() ?? parsedCells(event.json))
  let place = 0
  try {
    for (; place < cells.length; place++) take(cells[place] ?? null, place)
  } catch (cause) {
    throw refused({ id: event.id, column: recordedColumns[place]?.column }, cause as RangeError)
  }
}

/**
 * A request that records one event must not notice that a batch is under way, so little is done at a time. After that a
 * small batch waits: a request takes several turns of the event loop, and would meet a piece of the batch in each.
 * Where events come by the thousand, what waiting costs counts for more.
 */
async function forEachInTurns(
  batch: readonly OutgoingEvent[],
  take: (event: OutgoingEvent, index: number) => void,
): Promise<void> {
  const isSmall = batch.length < manyRows
  const turnMs = isSmall ? 0.05 : 0.4
  let since = performance.now()
  for (const [index, event] of batch.entries()) {
    if (index % 4 === 0 && performance.now() - since >= turnMs) {
      await (isSmall ? sleep(1) : setImmediate())
      since = performance.now()
    }
    take(event, index)
  }
}

const manyRows = 500

const refused = (
  details: { readonly id: string; readonly column: string | undefined },
  cause: RangeError,
): TrailError =>
  new TrailError('batch_refused', `the column ${details.column} of event ${details.id} ${cause.message}`, {
    details,
    cause,
  })

/** Of an event that came as JSON, out of a spool for example; with its time as text. */
function parsedCells(json: string): readonly Cell[] {
  const row = JSON.parse(json) as Readonly<Record<string, Cell | undefined>>
  return recordedColumns.map(({ key, column }) => {
    const value = row[column] ?? null
    return key === 'details' && value !== null ? JSON.stringify(value) : value
  })
}
