import { setImmediate } from 'node:timers/promises'
import { eventColumns, TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import { ArrayParameter } from '../database/array-parameter.ts'

/** What the database gives is not among them: `recorded_at` and `salt`. */
export const recordedColumns = eventColumns.filter(({ key }) => key !== 'recordedAt' && key !== 'salt')

/** As many rows are taken apart before others get their turn: well under a millisecond. */
const rowsInOneGo = 64

/**
 * Events as one array for each of `recordedColumns`, to be bound to `unnest($1::uuid[], …)`.
 *
 * @throws TrailError `batch_refused` when a value is none of its column's type
 */
export async function eventArrays(batch: readonly OutgoingEvent[]): Promise<readonly Buffer[]> {
  const arrays = recordedColumns.map(({ type }) => new ArrayParameter(elementTypes[type], batch.length))
  for (let from = 0; from < batch.length; from += rowsInOneGo) {
    if (from > 0) await setImmediate()
    const until = Math.min(from + rowsInOneGo, batch.length)
    for (let row = from; row < until; row++) place(arrays, row, batch[row] as OutgoingEvent)
  }
  return arrays.map((array) => array.encoded())
}

const elementTypes = {
  uuid: 'uuid',
  text: 'text',
  bigint: 'bigint',
  integer: 'integer',
  jsonb: 'jsonb',
  timestamptz: 'timestamptz',
  'timestamptz(3)': 'timestamptz',
} as const

function place(arrays: readonly ArrayParameter[], row: number, { id, json }: OutgoingEvent): void {
  const cells = JSON.parse(json) as Readonly<Record<string, unknown>>
  for (const column in cells) {
    try {
      arrays[placeOf.get(column) ?? -1]?.set(row, cells[column])
    } catch (cause) {
      throw new TrailError(
        'batch_refused',
        `the column ${column} of event ${id} ${(cause as Error).message}`,
        {
          details: { id, column },
          cause,
        },
      )
    }
  }
}

const placeOf: ReadonlyMap<string, number> = new Map(
  recordedColumns.map(({ column }, index) => [column, index]),
)
