import { sql, type SqlBool } from 'kysely'
import { z } from 'zod'
import { compose, fetchRows, type ReadTables, type Reader } from '../trail/compose.ts'
import { readCursor, writeCursor } from '../trail/opaque-cursor.ts'
import type { StepAudit, StepAuditPage } from './step-audit.ts'

/**
 * What the order of results goes by, newest first. `reported`: the time of the worker's transition; the rows
 * that a migration made for older results have all the same time of their own. `recorded`: the time of the audit
 * row, for which there is an index across executions.
 */
export type AuditOrder = 'reported' | 'recorded'

/** Which results, and which page of them. */
export interface AuditReading {
  readonly order: AuditOrder
  readonly stepUuid?: string
  readonly executionId?: string
  readonly workerUuid?: string | undefined
  readonly correlationId?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** One page of results, joined with their transitions and steps. Throws `invalid_cursor`. */
export async function readStepAudit(reader: Reader, reading: AuditReading): Promise<StepAuditPage> {
  const { order, limit, cursor } = reading
  const time = sql.ref<string>(order === 'reported' ? 'transition.created_at' : 'audit.recorded_at')
  let statement = selectAudit
    .select(sql<string>`(extract(epoch from ${time}) * 1000000)::bigint::text`.as('microseconds'))
    .orderBy(time, 'desc')
    .orderBy('transition.sort_key', 'desc')
    .orderBy('audit.workflow_step_result_audit_uuid', 'desc')
    .limit(limit + 1)
  for (const [key, column] of filters) {
    const value = reading[key]
    if (value !== undefined) statement = statement.where(column, '=', value)
  }
  if (cursor !== undefined) {
    const { at, sortKey, id } = readCursor(cursor, placeSchema(order))
    const values = sql`${timeOf(at)}, ${sortKey}::bigint, ${id}::uuid`
    const columns = sql`${time}, transition.sort_key, audit.workflow_step_result_audit_uuid`
    statement = statement.where(sql<SqlBool>`(${columns}) < (${values})`)
  }
  const rows = await fetchRows(reader, statement)
  const last = rows[limit - 1]
  return {
    items: rows.slice(0, limit).map(auditOf),
    nextCursor: rows.length > limit && last ? cursorAt(order, last) : null,
  }
}

const filters = [
  ['stepUuid', 'audit.workflow_step_uuid'],
  ['executionId', 'audit.task_uuid'],
  ['workerUuid', 'audit.worker_uuid'],
  ['correlationId', 'audit.correlation_id'],
] as const

const selectAudit = compose
  .selectFrom('workflow_step_result_audit as audit')
  .innerJoin(
    'workflow_step_transitions as transition',
    'transition.workflow_step_transition_uuid',
    'audit.workflow_step_transition_uuid',
  )
  .innerJoin('workflow_steps as step', 'step.workflow_step_uuid', 'audit.workflow_step_uuid')
  .select([
    'audit.workflow_step_result_audit_uuid',
    'audit.workflow_step_uuid',
    'audit.workflow_step_transition_uuid',
    'audit.task_uuid',
    'audit.recorded_at',
    'audit.worker_uuid',
    'audit.correlation_id',
    'audit.success',
    'audit.execution_time_ms',
    'step.name',
    'step.operation_type',
    'transition.from_state',
    'transition.to_state',
    'transition.metadata',
    'transition.sort_key',
  ])

type AuditRow = ReadTables['workflow_step_result_audit'] &
  Omit<ReadTables['workflow_step_transitions'], 'created_at'> &
  ReadTables['workflow_steps']

function auditOf(row: AuditRow): StepAudit {
  const { event, attempt } = row.metadata
  return {
    auditUuid: row.workflow_step_result_audit_uuid,
    workflowStepUuid: row.workflow_step_uuid,
    transitionUuid: row.workflow_step_transition_uuid,
    taskUuid: row.task_uuid,
    recordedAt: row.recorded_at,
    workerUuid: row.worker_uuid,
    correlationId: row.correlation_id,
    success: row.success,
    executionTimeMs: row.execution_time_ms,
    result: event ?? null,
    stepName: row.name,
    operationType: row.operation_type,
    attempt: typeof attempt === 'number' ? attempt : null,
    fromState: row.from_state,
    toState: row.to_state,
  }
}

/** Times in cursors are whole microseconds: PostgreSQL keeps as many, and their text always reads back. */
const placeSchema = (order: AuditOrder) =>
  z.strictObject({
    order: z.literal(order),
    at: z.string().regex(/^\d{1,16}$/),
    sortKey: z.int().min(1),
    id: z.guid(),
  })

const cursorAt = (order: AuditOrder, row: AuditRow & { readonly microseconds: string }): string =>
  writeCursor({
    order,
    at: row.microseconds,
    sortKey: row.sort_key,
    id: row.workflow_step_result_audit_uuid,
  })

const timeOf = (microseconds: string) =>
  sql`timestamptz 'epoch' + ${microseconds}::bigint * interval '1 microsecond'`
