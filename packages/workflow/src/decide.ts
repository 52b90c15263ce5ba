import { adjustmentMoves, type AdjustmentReport } from './adjustment.ts'
import type { ReportedError } from './dispatch.ts'
import type { DecisionEnvironment, Move, Silence, StepMove } from './move.ts'
import { afterFailure, contextOf, nextMove } from './next-move.ts'
import { type ExecutionSnapshot, type ReportedResult, stepOf, type StepSnapshot } from './snapshot.ts'
import { outputsProblem } from './outputs-problem.ts'
import { operatorMoves, type OperatorReport } from './operator.ts'
import { transit } from './transit.ts'

/** Something that happened to an execution and is to be decided on. */
export type Report =
  /** It is to start. `stepIds` names the step of each definition, in its order. */
  | { readonly kind: 'start'; readonly stepIds: readonly string[] }
  /** A worker reports what came of an attempt. */
  | {
      readonly kind: 'result'
      readonly stepId: string
      readonly attemptToken: string
      readonly workerUuid: string
      readonly attempt: number
      readonly result: ReportedResult
    }
  /** A worker gives an attempt back. */
  | {
      readonly kind: 'release'
      readonly stepId: string
      readonly attemptToken: string
      readonly workerUuid: string
      /** Whether its handler was called. */
      readonly hasBegun: boolean
    }
  /** The clock finds that an attempt took too long, or that its worker fell silent. */
  | {
      readonly kind: 'silence'
      readonly stepId: string
      readonly attemptToken: string
      readonly silence: Silence
    }
  /** A handler, a workflow's policy or an operator adjusts a step. */
  | AdjustmentReport
  /** An operator orders something. */
  | OperatorReport
  /** The clock finds that a retry is due. */
  | { readonly kind: 'due'; readonly stepId: string }

/**
 * What follows from reports: the moves, in order. Pure; storage, clock and randomness are in the arguments.
 * Each report is taken up in turn, then whatever the state of the execution calls for is done, so that the
 * way on after a crash is the way that is always taken. A report that no longer holds (a stale token, a
 * retry that is not due) changes nothing; a stale result yields a rejection.
 */
export function decide(
  execution: ExecutionSnapshot,
  reports: readonly Report[],
  environment: DecisionEnvironment,
): readonly Move[] {
  const moves: Move[] = []
  let current = execution
  const make = (move: Move): void => {
    moves.push(move)
    current = transit(current, move, environment).execution
  }
  for (const report of reports) {
    for (const move of movesFor(current, report, environment)) make(move)
    for (let next = nextMove(current, environment); next; next = nextMove(current, environment)) make(next)
  }
  return moves
}

function movesFor(
  execution: ExecutionSnapshot,
  report: Report,
  environment: DecisionEnvironment,
): readonly Move[] {
  switch (report.kind) {
    case 'start':
      return startMoves(execution, report.stepIds)
    case 'result':
      return resultMoves(execution, report, environment)
    case 'release':
      return holds(execution, report)
        ? [
            {
              kind: 'step',
              stepId: report.stepId,
              from: 'in_progress',
              to: 'enqueued',
              context: { ...contextOf(execution), workerUuid: report.workerUuid, reason: 'released' },
              ...(report.hasBegun && { outcomeUnknown: true }),
            },
          ]
        : []
    case 'silence':
      return holds(execution, report) ? [silenceMove(execution, report, environment)] : []
    case 'adjust':
      return adjustmentMoves(execution, report, environment)
    case 'operator':
      return operatorMoves(execution, report, environment)
    case 'due':
      return dueMoves(stepOf(execution, report.stepId), execution, environment)
  }
}

function startMoves(execution: ExecutionSnapshot, stepIds: readonly string[]): readonly Move[] {
  const context = contextOf(execution)
  return [
    { kind: 'execution', from: null, to: 'pending', context },
    ...execution.definition.steps.map((step, index): StepMove => {
      const stepId = stepIds[index]
      if (stepId === undefined) throw new Error(`no id was given for step ${step.name}`)
      return {
        kind: 'step',
        stepId,
        from: null,
        to: 'pending',
        context,
        creates: { index, name: step.name, operation: 'DO', undoes: null },
      }
    }),
  ]
}

function resultMoves(
  execution: ExecutionSnapshot,
  report: Extract<Report, { readonly kind: 'result' }>,
  environment: DecisionEnvironment,
): readonly Move[] {
  const { stepId, attemptToken, workerUuid } = report
  const result = withoutSecrets(withinLimits(execution, report), environment)
  const context = { ...contextOf(execution), workerUuid }
  if (!holds(execution, report)) {
    const { attempt } = report
    return [{ kind: 'rejection', stepId, context, attempt, attemptToken, success: result.success }]
  }
  const to = result.success ? 'enqueued_for_orchestration' : 'enqueued_as_error_for_orchestration'
  return [{ kind: 'step', stepId, from: 'in_progress', to, context, report: result }]
}

/** A step whose output would be too much with those of the others yields none. */
function withinLimits(
  execution: ExecutionSnapshot,
  { stepId, result }: Extract<Report, { readonly kind: 'result' }>,
): ReportedResult {
  const problem = result.success ? outputsProblem(execution, stepId, result.output) : null
  if (problem === null) return result
  const message = `The output cannot be stored: ${problem}`
  return {
    success: false,
    executionTimeMs: result.executionTimeMs,
    error: { code: 'invalid_output', message },
  }
}

/** An error goes on record in many places, so secrets are taken out before it goes into any of them. */
function withoutSecrets(result: ReportedResult, { redact }: DecisionEnvironment): ReportedResult {
  if (result.success) return result
  return { ...result, error: redact({ ...result.error }) as unknown as ReportedError }
}

/** Whether the attempt that this token names is still under way. */
function holds(
  execution: ExecutionSnapshot,
  { stepId, attemptToken }: { readonly stepId: string; readonly attemptToken: string },
): boolean {
  const step = stepOf(execution, stepId)
  return step.status === 'in_progress' && step.attemptToken === attemptToken
}

function silenceMove(
  execution: ExecutionSnapshot,
  report: Extract<Report, { readonly kind: 'silence' }>,
  environment: DecisionEnvironment,
): Move {
  const step = stepOf(execution, report.stepId)
  const { silence } = report
  const context = {
    ...contextOf(execution),
    ...(step.workerUuid !== null && { workerUuid: step.workerUuid }),
    actor: { type: 'system', id: 'clock' } as const,
    reason: silence.reason,
  }
  const next = afterFailure(execution, step, environment)
  return {
    kind: 'step',
    stepId: step.stepId,
    from: 'in_progress',
    context,
    silence,
    outcomeUnknown: true,
    ...next,
  }
}

function dueMoves(
  step: StepSnapshot,
  execution: ExecutionSnapshot,
  environment: DecisionEnvironment,
): readonly Move[] {
  if (
    execution.status === 'paused' ||
    step.status !== 'waiting_for_retry' ||
    (step.notBefore ?? Infinity) > environment.now
  )
    return []
  const context = { ...contextOf(execution), actor: { type: 'system', id: 'clock' } as const }
  return [{ kind: 'step', stepId: step.stepId, from: 'waiting_for_retry', to: 'enqueued', context }]
}
