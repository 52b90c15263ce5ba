import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type EventColumn, eventColumns, type PreparedRow, type RowKey, TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import { ArrayParameter } from '../database/array-parameter.ts'
import type { BinaryCells, CellType } from '../database/binary-cells.ts'
import { beginCopy, beginRow, endCopy } from '../database/copy-format.ts'

type RecordedColumn = EventColumn & { readonly key: RowKey }

/** The columns that a recorder gives: not `recorded_at` and `salt`, nor a number in an execution. */
export const recordedColumns: readonly RecordedColumn[] = eventColumns.filter(
  (column): column is Extract<(typeof eventColumns)[number], RecordedColumn> =>
    column.key !== 'recordedAt' && column.key !== 'salt' && column.key !== 'executionSeq',
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

/**
 * Events as the input of a binary COPY of `recordedColumns`, written into `cells` from their beginning.
 *
 * @throws TrailError `batch_refused` as `eventArrays` does
 */
export async function writeCopy(batch: readonly OutgoingEvent[], cells: BinaryCells): Promise<void> {
  const types = columns.map(({ type }) => type)
  const place = (value: string | number | null, at: number): void => {
    if (value === null) cells.nulls(1)
    else cells.cell(types[at] as CellType, value)
  }
  cells.clear()
  beginCopy(cells)
  await forEachInTurns(batch, (event) => {
    beginRow(cells, columns.length)
    forEachCell(event, place)
  })
  endCopy(cells)
}

function forEachCell(
  event: OutgoingEvent,
  take: (value: string | number | null, place: number) => void,
): void {
  const row = event.row ?? parsedRow(event.json)
  let place = 0
  try {
    for (const { key } of columns) take(row.cell(key), place++)
  } catch (cause) {
    throw refused({ id: event.id, column: columns[place - 1]?.column }, cause as RangeError)
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
    if (performance.now() - since >= turnMs) {
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

/** Of an event that came as JSON, out of a spool for example. */
function parsedRow(json: string): Pick<PreparedRow, 'cell'> {
  const row = JSON.parse(json) as Readonly<Record<string, string | number | undefined>>
  return {
    cell(key) {
      const value = row[columnNames[key]] ?? null
      return key === 'details' && value !== null ? JSON.stringify(value) : value
    },
  }
}

const columnNames = Object.fromEntries(recordedColumns.map(({ key, column }) => [key, column])) as Readonly<
  Record<RowKey, string>
>
