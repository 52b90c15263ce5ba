import { type OperationType, TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import {
  type Adjustment,
  type AdjustmentReport,
  type ExecutionSnapshot,
  type OperatorReport,
  type Order,
  outputsProblem,
  storedJson,
  type StepSnapshot,
  workflowLimits,
} from '@steptrail/workflow'
import type { OrderedBy } from './ordered-by.ts'

/** A step of an execution as an operator names it. */
export interface StepName {
  readonly step: string
  /** Default: UNDO when the step has one, which is then what can still be acted on; else DO. */
  readonly operation?: OperationType | undefined
}

/** What an operator may order. */
export type OperatorOrder =
  /** One more attempt of a step that failed for good; or at once, what waits for its retry. */
  | ({ readonly action: 'retry' } & StepName)
  /** Go on without the step. */
  | ({ readonly action: 'skip' } & StepName)
  /** The step was done by hand: go on with this output, which must fit the step's schema. */
  | ({ readonly action: 'resolve'; readonly output?: unknown } & StepName)
  /** Change the step's timeout, which holds for an attempt under way as well, or its retries. */
  | ({ readonly action: 'adjust' } & StepName &
      (
        | { readonly timeoutMs: number; readonly maxRetries?: never }
        | { readonly maxRetries: number; readonly timeoutMs?: never }
      ))
  /** Start nothing new; what is under way ends. */
  | { readonly action: 'pause' }
  /** Go on after a pause. */
  | { readonly action: 'resume' }
  /** End it. `rollback` unless it is false: undo first what was done. */
  | { readonly action: 'cancel'; readonly rollback?: boolean | undefined }
  /** One more attempt of each UNDO that failed for good. */
  | { readonly action: 'retry-rollback' }

/** Every action that an operator may order. */
export const operatorActions = [
  'retry',
  'skip',
  'resolve',
  'adjust',
  'pause',
  'resume',
  'cancel',
  'retry-rollback',
] as const satisfies readonly OperatorOrder['action'][]

/** What deciding is given of an order. */
export interface OrderContext extends OrderedBy {
  readonly fits: (schema: Json, value: Json) => boolean
}

/**
 * The report of an order on an execution as it is.
 *
 * @throws TrailError `step_not_found`; `invalid_output` for a resolution that the step's schema refuses
 */
export function reportOfOrder(
  execution: ExecutionSnapshot,
  order: OperatorOrder,
  context: OrderContext,
): OperatorReport | AdjustmentReport {
  const { actor, reason, approvedBy, givenActor } = context
  if (order.action === 'adjust') return adjustmentReport(execution, order, context)
  return {
    kind: 'operator',
    actor,
    reason,
    approvedBy: approvedBy ?? null,
    givenActor,
    order: resolved(execution, order, context),
  }
}

type Adjusting = Extract<OperatorOrder, { readonly action: 'adjust' }>

function adjustmentReport(
  execution: ExecutionSnapshot,
  order: Adjusting,
  { actor, reason, approvedBy, givenActor }: OrderContext,
): AdjustmentReport {
  const { name: step, operation } = findStep(execution, order)
  const adjustment: Adjustment =
    order.timeoutMs !== undefined
      ? { type: 'timeout', timeoutMs: order.timeoutMs, step, reason }
      : { type: 'retry', maxRetries: order.maxRetries, step, reason }
  return { kind: 'adjust', adjustment, operation, by: { actor, approvedBy: approvedBy ?? null, givenActor } }
}

function resolved(
  execution: ExecutionSnapshot,
  order: Exclude<OperatorOrder, Adjusting>,
  context: OrderContext,
): Order {
  switch (order.action) {
    case 'pause':
    case 'resume':
    case 'retry-rollback':
      return { action: order.action }
    case 'cancel':
      return { action: 'cancel', rollback: order.rollback ?? true }
    case 'retry':
    case 'skip':
      return { action: order.action, stepId: findStep(execution, order).stepId }
    case 'resolve': {
      const step = findStep(execution, order)
      const output = checkResolution(execution, step, { given: order.output ?? null, fits: context.fits })
      return { action: 'resolve', stepId: step.stepId, output }
    }
  }
}

function findStep(execution: ExecutionSnapshot, { step: name, operation }: StepName): StepSnapshot {
  const named = execution.steps.filter((step) => step.name === name)
  const found =
    operation === undefined
      ? (named.find((step) => step.operation === 'UNDO') ?? named[0])
      : named.find((step) => step.operation === operation)
  if (found) return found
  const known = execution.definition.steps.map((step) => step.name).join(', ')
  throw new TrailError(
    'step_not_found',
    `Execution ${execution.executionId} has no step ${operation === undefined ? name : `${operation} ${name}`}; its steps are ${known}.`,
    { details: { executionId: execution.executionId, step: name, operation: operation ?? null } },
  )
}

interface Resolution {
  readonly given: unknown
  readonly fits: OrderContext['fits']
}

/** An UNDO yields nothing; the output of a DO must be one that the steps after it can be given. */
function checkResolution(
  execution: ExecutionSnapshot,
  step: StepSnapshot,
  { given, fits }: Resolution,
): Json {
  if (step.operation === 'UNDO') return null
  const stored = storedJson(given, workflowLimits.outputBytes)
  const definition = execution.definition.steps.find((candidate) => candidate.name === step.name)
  const problem = stored.ok
    ? definition && !fits(definition.output, stored.json)
      ? `it does not fit the schema ${JSON.stringify(definition.output)}`
      : outputsProblem(execution, step.stepId, stored.json)
    : stored.problem
  if (stored.ok && problem === null) return stored.json
  throw new TrailError(
    'invalid_output',
    `The output given for step ${step.name} is refused: ${problem ?? 'it cannot be stored'}. Nothing was changed.`,
    { details: { step: step.name, problem } },
  )
}
