import { setImmediate } from 'node:timers/promises'
import { type EventColumn, eventColumns, type PreparedRow, type RowKey, TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import { ArrayParameter } from '../database/array-parameter.ts'

type RecordedColumn = EventColumn & { readonly key: RowKey }

/** The columns that a recorder gives: not `recorded_at` and `salt`, nor a number in an execution. */
export const recordedColumns: readonly RecordedColumn[] = eventColumns.filter(
  (column): column is Extract<(typeof eventColumns)[number], RecordedColumn> =>
    column.key !== 'recordedAt' && column.key !== 'salt' && column.key !== 'executionSeq',
)

/**
 * So long, in milliseconds, rows are taken apart before others get their turn: a request that records one event must not
 * notice that a batch is under way. Where events come by the thousand, what a turn costs counts for more.
 */
const turnMs = (rows: number): number => (rows < manyRows ? 0.05 : 0.4)
const manyRows = 500

/**
 * Events as one array for each of `recordedColumns`, to be bound to `unnest($1::uuid[], …)`.
 *
 * @throws TrailError `batch_refused` when a value is none of its column's type
 */
export async function eventArrays(batch: readonly OutgoingEvent[]): Promise<readonly Buffer[]> {
  const columns = recordedColumns.map((column) => ({ ...column, array: arrayOf(column, batch.length) }))
  const turn = turnMs(batch.length)
  let since = performance.now()
  for (const [index, event] of batch.entries()) {
    if (performance.now() - since >= turn) {
      await setImmediate()
      since = performance.now()
    }
    place(columns, index, event)
  }
  return columns.map(({ array }) => array.encoded())
}

const arrayOf = ({ type }: RecordedColumn, length: number): ArrayParameter =>
  new ArrayParameter(type === 'timestamptz(3)' ? 'timestamptz' : type, length)

function place(
  columns: readonly (RecordedColumn & { readonly array: ArrayParameter })[],
  index: number,
  event: OutgoingEvent,
): void {
  const row = event.row ?? rowOf(event.json)
  for (const { key, column, array } of columns) {
    const value = row.cell(key)
    if (value === null) continue
    try {
      array.set(index, value)
    } catch (cause) {
      throw refused({ id: event.id, column }, cause as RangeError)
    }
  }
}

const refused = (details: { readonly id: string; readonly column: string }, cause: RangeError): TrailError =>
  new TrailError('batch_refused', `the column ${details.column} of event ${details.id} ${cause.message}`, {
    details,
    cause,
  })

/** Of an event that came as JSON, out of a spool for example. */
function rowOf(json: string): Pick<PreparedRow, 'cell'> {
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
