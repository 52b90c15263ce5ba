import { type EventColumn, eventColumns, type RowKey, rowKeys } from '@steptrail/event'
import type { CellType } from '../database/binary-cells.ts'

/** The columns that a recorder gives: not `recorded_at` and `salt`, nor a number in an execution. */
export const recordedColumns: readonly EventColumn[] = eventColumns.filter(({ key }) =>
  rowKeys.includes(key as RowKey),
)

/** The types of `recordedColumns`, as they are written. */
export const recordedTypes: readonly CellType[] = recordedColumns.map(({ type }) =>
  type === 'timestamptz(3)' ? 'timestamptz' : type,
)
