import { isEnded, type StepSnapshot } from '@steptrail/workflow'
import type { AdvancedExecution, AdvancedStep } from './advance-execution.ts'
import { isoOf, optionalIsoOf } from './instant.ts'

/** What the writer is given as JSON, column by column; what is null or undefined is left out. */
export type Row = Readonly<Record<string, unknown>>

/** What becomes of an execution's row. */
export function executionRow({ after, loaded, times }: AdvancedExecution, now: number): Row {
  const before = loaded.snapshot.status
  return {
    execution_id: after.executionId,
    version: loaded.version ?? undefined,
    status: after.status,
    output: after.output ?? undefined,
    next_seq: after.nextSeq,
    last_event_at: instant(after.lastEventAt),
    rollback_triggered_at: instant(after.rollbackTriggeredAt),
    is_cancelled: after.isCancelled,
    adjustments: after.adjustments,
    last_ended_seq: after.endedSeq ?? undefined,
    moved_at: isoOf(times?.movedAt ?? now),
    began_at: instant(times?.startedAt ?? null),
    has_started: before === null && after.status !== 'pending',
    had_ended: before !== null && isEnded(before),
    has_ended: after.status !== null && isEnded(after.status),
  }
}

/** The same for an execution that is not stored yet, with all that it is created with. */
export function newExecutionRow(advanced: AdvancedExecution, now: number): Row {
  const { loaded, after } = advanced
  return {
    ...executionRow(advanced, now),
    workflow_name: after.definition.name,
    workflow_version: after.definition.version,
    definition_hash: after.definitionHash,
    idempotency_key: loaded.idempotencyKey ?? undefined,
    ...(loaded.engine && {
      engine: loaded.engine.name,
      engine_execution_id: loaded.engine.executionId,
      engine_capabilities: loaded.engine.capabilities,
    }),
    input: after.input ?? undefined,
    correlation_id: after.correlationId,
    actor_type: after.actor?.type,
    actor_id: after.actor?.id,
    tenant: loaded.tenant,
    created_at: isoOf(after.createdAt),
  }
}

/** What becomes of a step's row. */
export function stepRow({ loaded, after: execution }: AdvancedExecution, step: AdvancedStep): Row {
  const { after, before, record } = step
  const change = {
    workflow_step_uuid: after.stepId,
    execution_id: execution.executionId,
    expected_sort_key: before?.lastSortKey ?? 0,
    status: after.status,
    attempt: after.attempt,
    attempt_token: after.attemptToken ?? undefined,
    max_retries: after.maxRetries,
    timeout_ms: after.timeoutMs,
    worker_uuid: after.workerUuid ?? undefined,
    not_before: instant(after.notBefore),
    enqueued_at: instant(after.enqueuedAt),
    started_at: instant(after.startedAt),
    attempt_started_at: instant(after.attemptStartedAt),
    completed_at: instant(after.completedAt),
    ended_seq: after.endedSeq ?? undefined,
    outcome_unknown: after.outcomeUnknown,
    last_error: after.lastError ?? undefined,
    last_event_id: record.lastEventId ?? undefined,
    last_sort_key: record.lastSortKey,
    output: after.output ?? undefined,
  }
  if (before !== null) return change
  const definition = execution.definition.steps.find((candidate) => candidate.name === after.name)
  return {
    ...change,
    step_index: after.index,
    name: after.name,
    action: definition?.action,
    service_name: definition?.service,
    operation_type: after.operation,
    undoes_step_uuid: after.undoes ?? undefined,
    workflow_name: execution.definition.name,
    workflow_version: execution.definition.version,
    tenant: loaded.tenant,
  }
}

/** The edges that lead to a step which is created. */
export function edgeRows({ after: execution }: AdvancedExecution, step: StepSnapshot): readonly Row[] {
  if (step.operation === 'UNDO') return []
  const after = execution.definition.steps.find((candidate) => candidate.name === step.name)?.after ?? []
  return execution.steps
    .filter((other) => other.operation === 'DO' && after.includes(other.name))
    .map((other) => ({
      execution_id: execution.executionId,
      from_step_uuid: other.stepId,
      to_step_uuid: step.stepId,
    }))
}

/** What goes on record of each transition. */
export function transitionRows({ loaded, transitions }: AdvancedExecution, now: number): readonly Row[] {
  return transitions.map((transition) => ({
    workflow_step_uuid: transition.stepId,
    execution_id: loaded.snapshot.executionId,
    from_state: transition.from ?? undefined,
    to_state: transition.to,
    metadata: transition.metadata,
    sort_key: transition.sortKey,
    tenant: loaded.tenant,
    created_at: isoOf(transition.at ?? now),
  }))
}

const instant = (milliseconds: number | null): string | undefined => optionalIsoOf(milliseconds) ?? undefined
