import { instantText } from '@steptrail/event'
import { executionStates, type ExecutionState } from '@steptrail/workflow'
import { z } from 'zod'
import type { Query } from '../database/database.ts'
import { eventFilterShape, parseFilter } from '../trail/event-filter.ts'
import { limitField } from '../trail/list-events.ts'
import { readCursor, writeCursor } from '../trail/opaque-cursor.ts'
import {
  type ExecutionSummary,
  type ExecutionSummaryRow,
  summaryColumns,
  summaryOf,
} from './execution-summary.ts'

/** Which executions, and which page of them. Filters that are given must all hold. */
export interface ExecutionFilter {
  readonly workflowName?: string | undefined
  readonly status?: ExecutionState | undefined
  readonly correlationId?: string | undefined
  readonly tenant?: string | undefined
  /** Created at this instant or later; ISO 8601. */
  readonly since?: string | undefined
  /** Created before this instant; ISO 8601. */
  readonly until?: string | undefined
  /** 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

/** One page of executions, newest first. */
export interface ExecutionPage {
  readonly items: readonly ExecutionSummary[]
  /** What to ask the next page with; null on the last. */
  readonly nextCursor: string | null
}

const filterSchema = z.strictObject({
  workflowName: eventFilterShape.workflowName,
  status: z.enum(executionStates, { error: `is none of ${executionStates.join(', ')}` }).optional(),
  correlationId: eventFilterShape.correlationId,
  tenant: eventFilterShape.tenant,
  since: instantText('is no instant in ISO 8601').optional(),
  until: instantText('is no instant in ISO 8601').optional(),
  limit: limitField,
  cursor: z.string('is not a text').optional(),
})

const positionSchema = z.strictObject({ createdAt: instantText('is no instant'), executionId: z.guid() })

/**
 * Executions, newest first, by keyset: pages neither skip nor repeat, however many executions start meanwhile.
 *
 * @throws TrailError `invalid_filter` naming the filter, what was given and what is allowed
 * @throws TrailError `invalid_cursor`
 */
export async function listExecutions(
  { query }: { readonly query: Query },
  filter: ExecutionFilter = {},
): Promise<ExecutionPage> {
  const wanted = parseFilter(filter, filterSchema)
  const after = wanted.cursor === undefined ? null : readCursor(wanted.cursor, positionSchema)
  const { rows } = await query<ExecutionSummaryRow>(selectPage, [
    wanted.workflowName ?? null,
    wanted.status ?? null,
    wanted.correlationId ?? null,
    wanted.tenant ?? null,
    wanted.since ?? null,
    wanted.until ?? null,
    after?.createdAt ?? null,
    after?.executionId ?? null,
    wanted.limit + 1,
  ])
  const items = rows.slice(0, wanted.limit).map(summaryOf)
  const last = items.at(-1)
  const more = rows.length > wanted.limit && last !== undefined
  return {
    items,
    nextCursor: more ? writeCursor({ createdAt: last.createdAt, executionId: last.executionId }) : null,
  }
}

const selectPage = `
select ${summaryColumns}
from workflow_executions as execution
where ($1::text is null or execution.workflow_name = $1)
  and ($2::text is null or execution.status = $2)
  and ($3::text is null or execution.correlation_id = $3)
  and ($4::text is null or execution.tenant = $4)
  and ($5::timestamptz is null or execution.created_at >= $5)
  and ($6::timestamptz is null or execution.created_at < $6)
  and ($7::timestamptz is null or (execution.created_at, execution.execution_id) < ($7, $8::uuid))
order by execution.created_at desc, execution.execution_id desc
limit $9`
