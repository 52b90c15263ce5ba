import { type Database, type ExecutionView, getExecution, listEvents } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'
import { openAttemptsOf, type Timeline, timelineOf } from '@steptrail/workflow/timeline'

/** An execution with all its events, in order of time. */
export interface ExecutionRecord {
  readonly execution: ExecutionView
  readonly events: readonly AuditEvent[]
}

/** Reads an execution and every event of it. Throws `execution_not_found`. */
export async function readExecution(database: Database, executionId: string): Promise<ExecutionRecord> {
  const execution = await getExecution(database, executionId)
  const events: AuditEvent[] = []
  let cursor: string | null = null
  do {
    const page = await listEvents(database, {
      executionId: execution.executionId,
      order: 'asc',
      limit: 1000,
      ...(cursor !== null && { cursor }),
    })
    events.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return { execution, events }
}

/** The timeline of an execution, up to now where it is under way. */
export const timelineOfRecord = ({ execution, events }: ExecutionRecord, now: number): Timeline =>
  timelineOf(events, { now, open: openAttemptsOf(execution.steps) })
