import type { Query } from '../database/database.ts'
import type { DefinitionCache } from '../execution/definitions.ts'
import { newExecution } from '../execution/create-execution.ts'
import { type LoadedExecution, loadExecutions } from '../execution/loaded-execution.ts'
import { definitionOfSeen, engineDefinition, type SeenStep } from './observed-definition.ts'
import { observedExecutionId } from './observed-ids.ts'
import type { Observation, ObservedEngine } from './observation.ts'
import { storable } from './storable-observation.ts'

/** Executions of another engine under their locks, by their ids here, and what time it is. */
export interface ObservedBatch {
  readonly executions: ReadonlyMap<string, LoadedExecution>
  readonly now: number
}

/** Locks executions of another engine and reads them, with the steps that were seen of them as their definition. */
export async function loadObserved(
  tx: Query,
  executionIds: readonly string[],
  definitions: DefinitionCache,
): Promise<ObservedBatch> {
  const { executions, now } = await loadExecutions(tx, executionIds, { whenLocked: 'wait', definitions })
  const found = executions.map(({ snapshot }) => snapshot.executionId)
  const { rows } = found.length === 0 ? { rows: [] } : await tx<SeenRow>(selectSeen, [found])
  const seen = new Map(rows.map((row) => [row.execution_id, row]))
  return {
    now,
    executions: new Map(executions.map((loaded) => [loaded.snapshot.executionId, withSeen(loaded, seen)])),
  }
}

/** An execution of another engine that is not stored yet. */
export function newObserved(
  told: Extract<Observation, { readonly kind: 'started' }>,
  engine: ObservedEngine,
  stored: { readonly definitionHash: string; readonly tenant: string },
): LoadedExecution {
  const started = storable(told, (text) => text)
  const { name, capabilities } = engine
  const loaded = newExecution(
    {
      executionId: observedExecutionId(engine, started.execution),
      definition: definitionOfSeen({ name: started.workflowName, version: started.workflowVersion }, []),
      definitionHash: stored.definitionHash,
      input: null,
      idempotencyKey: null,
      correlationId: started.correlationId,
      actor: started.actor,
      tenant: stored.tenant,
    },
    started.at,
  )
  return { ...loaded, engine: { name, executionId: started.execution, capabilities } }
}

/** The definition that executions of an engine are pinned to. */
export const definitionOfEngine = ({ name }: ObservedEngine) => engineDefinition(name)

function withSeen(loaded: LoadedExecution, seen: ReadonlyMap<string, SeenRow>): LoadedExecution {
  const row = seen.get(loaded.snapshot.executionId)
  if (!row) return loaded
  const definition = definitionOfSeen({ name: row.workflow_name, version: row.workflow_version }, row.steps)
  return { ...loaded, snapshot: { ...loaded.snapshot, definition } }
}

interface SeenRow {
  readonly execution_id: string
  readonly workflow_name: string
  readonly workflow_version: string
  readonly steps: readonly SeenStep[]
}

const selectSeen = `
select execution.execution_id, execution.workflow_name, execution.workflow_version,
       coalesce(
         (select jsonb_agg(
            jsonb_build_object(
              'name', step.name, 'action', step.action, 'service', step.service_name, 'maxRetries', step.max_retries)
            order by step.step_index)
          from workflow_steps as step
          where step.execution_id = execution.execution_id
            and step.operation_type = 'DO'),
         '[]'::jsonb) as steps
from workflow_executions as execution
where execution.execution_id = any($1::uuid[])`
