import { randomBytes } from 'node:crypto'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type Cell, type EventColumn, eventColumns, type RowKey, rowKeys, TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import { ArrayParameter } from '../database/array-parameter.ts'
import type { BinaryCells, CellType } from '../database/binary-cells.ts'
import { beginCopy, beginRow, endCopy } from '../database/copy-format.ts'

/** The columns that a recorder gives: not `recorded_at` and `salt`, nor a number in an execution. */
export const recordedColumns: readonly EventColumn[] = eventColumns.filter(({ key }) =>
  rowKeys.includes(key as RowKey),
)

const columns = recordedColumns.map(({ key, column, type }) => ({
  key,
  column,
  type: (type === 'timestamptz(3)' ? 'timestamptz' : type) satisfies CellType,
}))

/**
 * Events as one array for each of `recordedColumns`, to be bound to `unnest($1::uuid[], …)`.
 *
 * @throws TrailError `batch_refused` when a value is none of its column's type
 */
export async function eventArrays(batch: readonly OutgoingEvent[]): Promise<readonly Buffer[]> {
  const arrays = columns.map(({ type }) => new ArrayParameter(type, batch.length))
  await forEachInTurns(batch, (event, index) => {
    forEachCell(event, (value, place) => {
      if (value !== null) arrays[place]?.set(index, value)
    })
  })
  return arrays.map((array) => array.encoded())
}

/** What is copied: a default that is not the same for all rows would have the database take them one by one. */
export const copiedColumns: readonly string[] = [...columns.map(({ column }) => column), 'salt']

/**
 * Events as the input of a binary COPY of `copiedColumns`, written into `cells` from their beginning, each with a salt.
 *
 * @throws TrailError `batch_refused` as `eventArrays` does
 */
export async function writeCopy(batch: readonly OutgoingEvent[], cells: BinaryCells): Promise<void> {
  const types = columns.map(({ type }) => type)
  const place = (value: Cell, at: number): void => {
    if (value === null) cells.nulls(1)
    else cells.cell(types[at] as CellType, value)
  }
  const salts = randomBytes(batch.length * saltBytes)
  cells.clear()
  beginCopy(cells)
  await forEachInTurns(batch, (event, index) => {
    beginRow(cells, copiedColumns.length)
    forEachCell(event, place)
    cells.randomUuid(salts, index * saltBytes)
  })
  endCopy(cells)
}

const saltBytes = 16

function forEachCell(event: OutgoingEvent, take: (value: Cell, place: number) => void): void {
  const cells = event.row?.cells() ?? parsedCells(event.json)
  let place = 0
  try {
    for (; place < cells.length; place++) take(cells[place] ?? null, place)
  } catch (cause) {
    throw refused({ id: event.id, column: columns[place]?.column }, cause as RangeError)
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
  return columns.map(({ key, column }) => {
    const value = row[column] ?? null
    return key === 'details' && value !== null ? JSON.stringify(value) : value
  })
}
