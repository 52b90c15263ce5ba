import { type AuditEvent, eventColumns, fromEventRow, TrailError } from '@steptrail/event'
import { compose, fetchRows, type Reader } from './compose.ts'
import { executionIdText } from './event-filter.ts'
import { recordColumns } from './list-events.ts'

/**
 * Every event of an execution, and every event that names it, in the order of time, which for those with a number
 * is the order of `executionSeq`. Executions of other engines are found by their id as it was recorded.
 *
 * @throws TrailError `execution_not_found` when no event names it
 */
export async function getExecutionEvents(
  reader: Reader,
  executionId: string,
): Promise<readonly AuditEvent[]> {
  const statement = compose
    .selectFrom('audit_event')
    .select(recordColumns)
    .where('execution_id', '=', executionIdText(executionId))
    .orderBy('id')
  const rows = await fetchRows(reader, statement)
  if (rows.length === 0) throw executionNotFound(executionId)
  return rows.map(fromEventRow)
}

/** The columns of the record that `v_execution_timeline` leaves out. */
const notInTimeline = [
  'recordedAt',
  'traceId',
  'spanId',
  'resourceType',
  'resourceId',
  'schemaVersion',
  'recorderId',
  'recorderSeq',
  'salt',
] as const satisfies readonly (keyof AuditEvent)[]

/** An event in its place on an execution's timeline. */
export type TimelineEntry = Omit<AuditEvent, (typeof notInTimeline)[number]> & {
  /** Milliseconds since the event before; null for the first. */
  readonly gapMs: number | null
  /** Milliseconds since the first event. */
  readonly runningMs: number
}

/**
 * The events of `getExecutionEvents` with the time between them, from the view `v_execution_timeline`.
 *
 * @throws TrailError `execution_not_found` when no event names it
 */
export async function getExecutionTimeline(
  reader: Reader,
  executionId: string,
): Promise<readonly TimelineEntry[]> {
  const { rows } = await reader.query<TimelineEntry>(selectTimeline, [executionIdText(executionId)])
  if (rows.length === 0) throw executionNotFound(executionId)
  return rows
}

const executionNotFound = (executionId: string): TrailError =>
  new TrailError(
    'execution_not_found',
    `no event names execution ${JSON.stringify(executionId)}: \`steptrail executions list\` shows those there are`,
    { details: { executionId } },
  )

const leftOut = new Set<string>(notInTimeline)

const timelineColumns = eventColumns
  .filter(({ key }) => !leftOut.has(key))
  .map(({ key, column }) => `${column} as "${key}"`)

const selectTimeline = `
select ${timelineColumns.join(', ')},
       gap_ms as "gapMs",
       running_ms as "runningMs"
from v_execution_timeline
where execution_id = $1
order by timestamp, execution_seq, id`
