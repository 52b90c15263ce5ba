import { type Query, recordIn } from '@steptrail/core'
import type { Actor } from '@steptrail/event'

/** What executions are looked at, as SQL over `workflow_executions`. */
export interface WhichExecutions {
  readonly condition: string
  readonly values: readonly unknown[]
}

/**
 * Records an event for each execution of which every event is erased already, one by one, and of which the working tables
 * still have what it took, gave or was told. An erasure is of events, and this is the one by which they go.
 */
export async function nameWhatIsLeft(tx: Query, { condition, values }: WhichExecutions, actor: Actor) {
  const { rows } = await tx<{ id: string; tenant: string }>(`${selectLeft} and ${condition}`, values)
  if (rows.length === 0) return
  await recordIn(
    tx,
    rows.map(({ id, tenant }) => ({
      eventType: 'OPERATION',
      action: 'erasure_ordered',
      executionId: id,
      tenant,
      actorType: actor.type,
      actorId: actor.id,
    })),
  )
}

const selectLeft = `
select execution_id::text as id, tenant
from workflow_executions
where (
    input is not null or output is not null or actor_id is not null or correlation_id <> execution_id::text
    or exists (
      select
      from workflow_steps as step
      where step.execution_id = workflow_executions.execution_id
        and (step.input is not null or step.output is not null or step.last_error is not null)
    )
  )
  and not exists (
    select
    from audit_event as event
    where event.execution_id = workflow_executions.execution_id::text
      and not exists (select from log_erasures as erasure where erasure.event_id = event.id)
  )`
