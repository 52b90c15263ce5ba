import { ancestorsOf } from './ancestors.ts'
import type { Claim } from './dispatch.ts'
import { type ExecutionSnapshot, stepOf } from './snapshot.ts'
import { isSatisfied } from './states.ts'

/** A step of an execution of this tenant, as the worker that has claimed it is given it. */
export function claimOf(execution: ExecutionSnapshot, tenant: string, stepId: string): Claim {
  const step = stepOf(execution, stepId)
  if (step.attemptToken === null) throw new Error(`step ${stepId} is claimed by nobody`)
  const ancestors = ancestorsOf(execution.definition, step.name)
  return {
    executionId: execution.executionId,
    workflowName: execution.definition.name,
    workflowVersion: execution.definition.version,
    correlationId: execution.correlationId,
    tenant,
    stepId,
    stepName: step.name,
    operationType: step.operation,
    attempt: step.attempt,
    attemptToken: step.attemptToken,
    timeoutMs: step.timeoutMs,
    idempotencyKey: `${execution.executionId}:${step.name}`,
    input: execution.input,
    outputs: Object.fromEntries(
      execution.steps
        .filter(({ name, operation, status }) => {
          return operation === 'DO' && status !== null && isSatisfied(status) && ancestors.has(name)
        })
        .map(({ name, output }) => [name, output]),
    ),
    lastError: step.lastError,
    undoing: step.undoes === null ? null : undoingOf(execution, step.undoes),
  }
}

function undoingOf(execution: ExecutionSnapshot, undoneStepId: string): Claim['undoing'] {
  const { status, output } = stepOf(execution, undoneStepId)
  return status === 'complete' || status === 'resolved_manually'
    ? { outcome: 'completed', output }
    : { outcome: 'unknown' }
}
