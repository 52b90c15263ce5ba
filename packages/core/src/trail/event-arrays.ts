import { setImmediate } from 'node:timers/promises'
import { eventColumns, TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import { ArrayParameter } from '../database/array-parameter.ts'

/** What the database gives is not among them: `recorded_at` and `salt`. */
export const recordedColumns = eventColumns.filter(({ key }) => key !== 'recordedAt' && key !== 'salt')

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
  const arrays = recordedColumns.map(({ type }) => new ArrayParameter(elementTypes[type], batch.length))
  const turn = turnMs(batch.length)
  let since = performance.now()
  for (const [row, event] of batch.entries()) {
    if (performance.now() - since >= turn) {
      await setImmediate()
      since = performance.now()
    }
    place(arrays, row, event)
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
