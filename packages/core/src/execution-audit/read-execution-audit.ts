import { instantText } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { executionAuditJson, type ExecutionOutcome, executionOutcomes } from '@steptrail/workflow'
import { sql } from 'kysely'
import { z } from 'zod'
import { executionNotFound, requireExecutionId } from '../execution/get-execution.ts'
import { compose, fetchRows, type Reader } from '../trail/compose.ts'
import { eventFilterShape, executionIdText, parseFilter } from '../trail/event-filter.ts'
import { limitField } from '../trail/list-events.ts'
import { readCursor, writeCursor } from '../trail/opaque-cursor.ts'
import type { StoredExecutionAudit } from './audit-rows.ts'
import { type AuditRow, fromAuditRow } from './audit-row.ts'

/** Which audits, and which page of them. Filters that are given must all hold. */
export interface ExecutionAuditRequest {
  readonly workflowName?: string | undefined
  readonly outcome?: ExecutionOutcome | undefined
  readonly remediationId?: string | undefined
  /** An execution of ours: one audit for each of its ends. */
  readonly executionId?: string | undefined
  readonly tenant?: string | undefined
  /** Created at this instant or later; ISO 8601. */
  readonly since?: string | undefined
  /** Created before this instant; ISO 8601. */
  readonly until?: string | undefined
  /** 1 to 1000; 100 unless given. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

/** One page, the newest first. `nextCursor` is null on the last. */
export interface ExecutionAuditPage {
  readonly items: readonly StoredExecutionAudit[]
  readonly nextCursor: string | null
}

/**
 * How an execution of ours went: the audit of its last end. Null while it has not ended.
 *
 * @throws TrailError `execution_not_found`; `invalid_filter` for what is no UUID
 */
export async function getExecutionAudit(
  reader: Reader,
  executionId: string,
): Promise<StoredExecutionAudit | null> {
  const id = requireExecutionId(executionId)
  const statement = selectAudits().where('execution_id', '=', id).orderBy('ended_seq', 'desc').limit(1)
  const [row] = await fetchRows(reader, statement)
  if (row) return fromAuditRow(row)
  const { rows } = await reader.query('select from workflow_executions where execution_id = $1', [id])
  if (rows.length === 0) throw executionNotFound(id)
  return null
}

/** The stored audit of this id, whoever it is from; null where there is none. */
export async function readExecutionAudit(reader: Reader, id: string): Promise<StoredExecutionAudit | null> {
  const [row] = await fetchRows(reader, selectAudits().where('id', '=', id))
  return row ? fromAuditRow(row) : null
}

/**
 * Audits, the newest first, by keyset: those of our executions, one for each end, and those that other engines
 * reported.
 *
 * @throws TrailError `invalid_filter` that names the filter; `invalid_cursor`
 */
export async function listExecutionAudits(
  reader: Reader,
  request: ExecutionAuditRequest = {},
): Promise<ExecutionAuditPage> {
  const { limit, cursor, since, until, ...equal } = parseFilter(request, requestSchema)
  const after = cursor === undefined ? null : readCursor(cursor, positionSchema)
  let statement = selectAudits()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
  for (const [key, column] of equalities) {
    const value = equal[key]
    if (value !== undefined) statement = statement.where(column, '=', value)
  }
  if (since !== undefined) statement = statement.where('created_at', '>=', since)
  if (until !== undefined) statement = statement.where('created_at', '<', until)
  if (after)
    statement = statement
      .where('created_at', '<=', after.createdAt)
      .where(sql<boolean>`(created_at, id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`)
  const rows = await fetchRows(reader, statement)
  const items = rows.slice(0, limit).map(fromAuditRow)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { items, nextCursor: last ? writeCursor({ createdAt: last.created_at_text, id: last.id }) : null }
}

/** A stored audit as JSON, in the words of its table; durations in milliseconds. */
export const storedExecutionAuditJson = (audit: StoredExecutionAudit): Readonly<Record<string, Json>> => ({
  id: audit.id,
  ...executionAuditJson(audit),
  created_at: audit.createdAt,
  tenant: audit.tenant,
})

const equalities = [
  ['workflowName', 'workflow_name'],
  ['outcome', 'outcome'],
  ['remediationId', 'remediation_id'],
  ['executionId', 'execution_id'],
  ['tenant', 'tenant'],
] as const

const instant = instantText('is no instant in ISO 8601').optional()

const requestSchema = z.strictObject({
  workflowName: eventFilterShape.workflowName,
  outcome: z.enum(executionOutcomes, { error: `is none of ${executionOutcomes.join(', ')}` }).optional(),
  remediationId: eventFilterShape.correlationId,
  executionId: eventFilterShape.executionId.transform((id) => id && executionIdText(id)),
  tenant: eventFilterShape.tenant,
  since: instant,
  until: instant,
  limit: limitField,
  cursor: z.string('is not a text').optional(),
})

const positionSchema = z.strictObject({ createdAt: instantText('is no instant'), id: z.guid() })

/** Every column; microseconds of `created_at` are kept in its text, since a row of other people's SQL may have them. */
export const selectAudits = () =>
  compose
    .selectFrom('workflow_execution_audit')
    .selectAll()
    .select([
      sql<number | null>`(extract(epoch from total_duration) * 1000)::bigint`.as('total_duration_ms'),
      sql<string>`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as(
        'created_at_text',
      ),
    ])
    .$castTo<AuditRow>()
