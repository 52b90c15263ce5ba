import type { Actor } from '@steptrail/event'
import type { WorkflowDefinition } from '@steptrail/workflow'
import type { Json } from '@steptrail/verify'
import type { Query } from '../database/database.ts'
import { millisecondsOf, optionalIsoOf } from './instant.ts'
import type { LoadedExecution } from './loaded-execution.ts'

/** An execution that is to be. */
export interface NewExecution {
  readonly executionId: string
  readonly definition: WorkflowDefinition
  readonly definitionHash: string
  readonly input: Json
  /** A second execution of the workflow with the same key, in the same tenant, is the first. */
  readonly idempotencyKey: string | null
  /** The execution's own id when null. */
  readonly correlationId: string | null
  readonly actor: Actor | null
  /** Whom the start names as its actor, where `actor` is who was authenticated. */
  readonly givenActor?: Actor | undefined
  readonly tenant: string
  /** Milliseconds since 1970, instead of the database's clock. */
  readonly now?: number | undefined
}

/** A new execution, locked and without steps; or the id of the one that the idempotency key, or its own id, stands for. */
export type CreatedExecution =
  | { readonly created: true; readonly execution: LoadedExecution; readonly now: number }
  | { readonly created: false; readonly executionId: string }

/**
 * Inserts an execution, in state `pending` and without steps: whoever calls decides its start in the same
 * transaction. One that is stored already, under its id or its idempotency key, stays as it is.
 */
export async function createExecution(tx: Query, wanted: NewExecution): Promise<CreatedExecution> {
  const { rows } = await tx<{ created_at: string; version: string }>(insertExecution, [
    wanted.executionId,
    wanted.definition.name,
    wanted.definition.version,
    wanted.definitionHash,
    wanted.idempotencyKey,
    JSON.stringify(wanted.input),
    wanted.correlationId ?? wanted.executionId,
    wanted.actor?.type ?? null,
    wanted.actor?.id ?? null,
    wanted.tenant,
    optionalIsoOf(wanted.now ?? null),
  ])
  const inserted = rows[0]
  if (!inserted) return { created: false, executionId: await existing(tx, wanted) }
  const now = millisecondsOf(inserted.created_at)
  return { created: true, now, execution: { ...newExecution(wanted, now), version: inserted.version } }
}

/** An execution that is not stored yet: writing what is decided of its start stores it. */
export function newExecution(wanted: NewExecution, now: number): LoadedExecution {
  return {
    tenant: wanted.tenant,
    version: null,
    idempotencyKey: wanted.idempotencyKey,
    records: new Map(),
    snapshot: {
      executionId: wanted.executionId,
      status: null,
      definition: wanted.definition,
      definitionHash: wanted.definitionHash,
      input: wanted.input,
      output: null,
      correlationId: wanted.correlationId ?? wanted.executionId,
      actor: wanted.actor,
      ...(wanted.givenActor && { givenActor: wanted.givenActor }),
      createdAt: now,
      rollbackTriggeredAt: null,
      isCancelled: false,
      rollbackPlan: null,
      adjustments: [],
      endedSeq: null,
      nextSeq: 1,
      lastEventAt: null,
      steps: [],
    },
  }
}

async function existing(tx: Query, wanted: NewExecution): Promise<string> {
  const { rows } = await tx<{ execution_id: string }>(selectExisting, [
    wanted.tenant,
    wanted.definition.name,
    wanted.idempotencyKey,
    wanted.executionId,
  ])
  const found = rows[0]
  if (!found) throw new Error(`execution ${wanted.executionId} was neither inserted nor found`)
  return found.execution_id
}

const insertExecution = `
insert into workflow_executions (
  execution_id, workflow_name, workflow_version, definition_hash, idempotency_key, status, input,
  correlation_id, actor_type, actor_id, tenant, created_at)
values ($1, $2, $3, $4, $5, 'pending', $6::text::jsonb, $7, $8, $9, $10,
        date_trunc('milliseconds', coalesce($11::timestamptz, clock_timestamp())))
on conflict do nothing
returning created_at, xmin::text as version`

const selectExisting = `
select execution_id
from workflow_executions
where execution_id = $4
   or (tenant = $1 and workflow_name = $2 and idempotency_key = $3)`
