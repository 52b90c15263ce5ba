import { randomUUID } from 'node:crypto'
import { type Database, type EventToWrite, insertEvents, insertExecutionAudits } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import { ensurePartitions, partitionsOf } from '../src/partition/ensure-partitions.ts'

/** An execution of a trail that has grown old, as far as retention looks at it. */
export interface AgedExecution {
  readonly workflow: string
  readonly tenant?: string
  readonly correlationId?: string
  readonly actor?: string
  /** Instants of its events, ISO 8601. */
  readonly events: readonly string[]
  /** Whether its row is there, and it has ended; none: the row is gone. */
  readonly live?: 'ended' | 'running'
}

/** Writes executions with their events, transitions, result audits, audits and rows; gives their ids. */
export async function writeAged(
  database: Database,
  executions: readonly AgedExecution[],
): Promise<readonly string[]> {
  const ids: string[] = []
  for (const execution of executions) ids.push(await writeOne(database, execution))
  return ids
}

async function writeOne(database: Database, execution: AgedExecution): Promise<string> {
  const id = randomUUID()
  const { workflow, tenant = 'default', correlationId = id, actor, events, live } = execution
  await database.transaction(async (tx) => {
    const row = { executionId: id, workflowName: workflow, tenant, correlationId }
    await insertEvents(
      (text, values) => tx(text, values),
      events.map((timestamp, index) => ({
        ...row,
        ...event(timestamp, 'STEP'),
        executionSeq: index + 1,
        ...(actor !== undefined && { actorType: 'user', actorId: actor }),
      })),
    )
    const end = events.at(-1) ?? ''
    await insertExecutionAudits(tx, [
      {
        ...audit,
        remediationId: correlationId,
        workflowName: workflow,
        tenant,
        executionId: id,
        endedSeq: events.length,
        createdAt: end,
        id: uuidV7(Date.parse(end)),
      },
    ])
    await ensurePartitions(tx, partitionsOf('workflow_step_transitions', events))
    await tx(insertTransitions, [id, JSON.stringify(events)])
    if (live) {
      await tx(insertDefinition)
      await tx(insertExecution, [
        id,
        workflow,
        correlationId,
        tenant,
        live === 'ended' ? end : null,
        events[0],
      ])
    }
  })
  return id
}

/** Writes one more event of an execution that is on record, or was, however late it comes. */
export async function writeLate(
  database: Database,
  { workflow, tenant = 'default', correlationId, actor }: Omit<AgedExecution, 'events'>,
  { executionId, timestamp }: { readonly executionId: string; readonly timestamp: string },
): Promise<void> {
  const late: EventToWrite = {
    ...event(timestamp, 'OPERATION'),
    executionId,
    workflowName: workflow,
    tenant,
    correlationId: correlationId ?? executionId,
    ...(actor !== undefined && { actorType: 'user', actorId: actor }),
  }
  await database.transaction((tx) => insertEvents((text, values) => tx(text, values), [late]))
}

/** An event, of an execution or of none. */
export const event = (timestamp: string, entityType: EventToWrite['entityType']): EventToWrite => ({
  id: uuidV7(Date.parse(timestamp)),
  timestamp,
  eventType: entityType === 'STEP' ? 'STEP_SUCCESS' : 'OPERATION',
  entityType,
  details: entityType === 'STEP' ? { waitedMs: 5 } : null,
})

const audit = {
  workflowVersion: '1',
  totalSteps: 1,
  stepsCompleted: 1,
  stepsFailed: 0,
  totalDurationMs: 5,
  outcome: 'success',
  effectivenessScore: 1,
  rollbacksPerformed: 0,
  stepExecutions: [],
  adaptiveAdjustments: [],
  completedAt: null,
  status: 'completed',
  errorMessage: null,
  supersedesSeq: null,
  scoreParameters: null,
} as const

const insertTransitions = `
insert into workflow_step_transitions (
  workflow_step_uuid, execution_id, from_state, to_state, sort_key, created_at)
select gen_random_uuid(), $1, 'in_progress', 'enqueued_for_orchestration', 2, at::timestamptz
from json_array_elements_text($2::text::json) as at`

const insertDefinition = `
insert into workflow_definitions (definition_hash, workflow_name, workflow_version, definition)
values ('aged', 'aged', '1', '{}')
on conflict do nothing`

const insertExecution = `
insert into workflow_executions (
  execution_id, workflow_name, workflow_version, definition_hash, status, correlation_id, tenant, created_at,
  completed_at)
values ($1, $2, '1', 'aged', case when $5::timestamptz is null then 'running' else 'completed' end, $3, $4,
        $6::timestamptz, $5::timestamptz)`

/** What is on record of each execution: events, transitions, audits, result audits, and its row. */
export async function remains(database: Database, ids: readonly string[]): Promise<readonly number[][]> {
  const { rows } = await database.query<{ id: string; counts: number[] }>(
    `select wanted.execution as id, array[
       (select count(*) from audit_event where execution_id = wanted.execution),
       (select count(*) from workflow_step_transitions where execution_id = wanted.execution::uuid),
       (select count(*) from workflow_execution_audit where execution_id = wanted.execution),
       (select count(*) from workflow_step_result_audit where task_uuid = wanted.execution::uuid),
       (select count(*) from workflow_executions where execution_id = wanted.execution::uuid)
     ]::int[] as counts
    from unnest($1::text[]) with ordinality as wanted(execution, place)
    order by place`,
    [ids],
  )
  return rows.map(({ counts }) => counts)
}
