import type { Database } from '@steptrail/core'
import { simulateHistory, writeHistory } from '@steptrail/testkit'

/** How much history there is to be. */
export interface HistorySize {
  /** Executions that are simulated, and those that are copied from them. */
  readonly executions: number
  /** Events at least: what executions do not leave is filled up with operations of applications. */
  readonly events: number
}

/** The days that it spans. */
export const historyDays = 90
const simulatedExecutions = 2_500
const dayMs = 86_400_000

/**
 * Writes a history that ends now: some executions are simulated, one decision after another, and the rest are copies of
 * them with ids of their own, each some seconds later than the one before. Day by day, so that rows lie in the order of
 * time as they would. Operations of applications fill it up.
 */
export async function fillHistory(database: Database, size: HistorySize): Promise<void> {
  const untilMs = Date.now()
  const fromMs = untilMs - historyDays * dayMs
  const executions = Math.min(simulatedExecutions, size.executions)
  const template = simulateHistory({ seed: 7, executions, fromMs, untilMs: untilMs - 3_600_000 })
  await writeHistory(database, template)
  await database.query('create unlogged table template_event as select * from audit_event')
  await database.query('create unlogged table template_audit as select * from workflow_execution_audit')
  await database.query('create index on template_event ("timestamp")')
  await database.query('analyze template_event')
  const copies = Math.ceil(size.executions / executions) - 1
  const left = size.events - (copies + 1) * template.executions.flatMap(({ events }) => events).length
  const operationsADay = Math.max(0, Math.ceil(left / historyDays))
  for (let day = 0; day < historyDays; day += 1) {
    const span = [day, day + 1].map((days) => new Date(fromMs + days * dayMs).toISOString())
    await database.query(copyEvents, [...span, copies])
    await database.query(copyAudits, [...span, copies])
    await database.query(insertOperations, [...span, operationsADay])
  }
  await database.query('drop table template_event, template_audit')
  await database.query('vacuum analyze')
}

/** A copy is moved by so many milliseconds, and its ids are made from those of what it is a copy of. */
const moved = `copy * interval '7001 milliseconds'`
const copied = (column: string): string => `md5(template.${column} || ' ' || copy)::uuid`

const copyEvents = `
insert into audit_event (
  id, "timestamp", event_type, entity_type, status, severity, service_name, execution_id, execution_seq, workflow_name,
  workflow_version, step_name, step_id, operation_type, duration_ms, retry_count, correlation_id, actor_type, actor_id,
  resource_type, resource_id, action, reason, message, details, tenant, schema_version
)
select uuid_v7(template."timestamp" + ${moved}), template."timestamp" + ${moved}, event_type, entity_type, status,
       severity, service_name, ${copied('execution_id')}::text, execution_seq, workflow_name, workflow_version, step_name,
       ${copied('step_id')}, operation_type, duration_ms, retry_count, template.correlation_id || '-' || copy,
       actor_type, actor_id, resource_type, resource_id, action, reason, message, details, tenant, schema_version
from template_event as template
cross join generate_series(1, $3::int) as copy
where template."timestamp" >= $1::timestamptz
  and template."timestamp" < $2::timestamptz
  and template."timestamp" + ${moved} < now()
order by template."timestamp" + ${moved}`

const copyAudits = `
insert into workflow_execution_audit (
  id, remediation_id, workflow_name, workflow_version, total_steps, steps_completed, steps_failed, total_duration,
  outcome, effectiveness_score, rollbacks_performed, step_executions, adaptive_adjustments, completed_at, status,
  error_message, created_at, execution_id, ended_seq, score_parameters, tenant, supersedes_seq
)
select uuid_v7(template.created_at + ${moved}), template.remediation_id || '-' || copy, workflow_name, workflow_version,
       total_steps, steps_completed, steps_failed, total_duration, outcome, effectiveness_score, rollbacks_performed,
       step_executions, adaptive_adjustments, completed_at + ${moved}, status, error_message,
       template.created_at + ${moved}, ${copied('execution_id')}::text, ended_seq, score_parameters, tenant, supersedes_seq
from template_audit as template
cross join generate_series(1, $3::int) as copy
where template.created_at >= $1::timestamptz
  and template.created_at < $2::timestamptz
  and template.created_at + ${moved} < now()
order by template.created_at + ${moved}`

/** Of 40 kinds, by 400 people, in eight services, a twentieth of them failures. */
const insertOperations = `
insert into audit_event (
  id, "timestamp", event_type, entity_type, status, severity, service_name, duration_ms, correlation_id, actor_type,
  actor_id, resource_type, resource_id, action, message, details
)
select uuid_v7(at), at, 'OPERATION', 'OPERATION', case when number % 20 = 7 then 'FAILED' else 'SUCCESS' end,
       case when number % 20 = 7 then 'error' else 'info' end, 'api-service-' || number % 8, number % 900,
       'request-' || gen_random_uuid(), 'user', 'person-' || number * 7919 % 400, 'config', 'config-' || number % 5000,
       'action-' || number * 104729 % 40, 'Operation completed',
       jsonb_build_object('path', '/api/config/' || number % 5000, 'changed', number % 17)
from generate_series(1, $3::int) as number
cross join lateral (
  select date_trunc('milliseconds', $1::timestamptz + ($2::timestamptz - $1::timestamptz) * number / ($3 + 1)) as at
) as instant`
