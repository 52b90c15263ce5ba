import { TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { Claim, ReportedError } from './dispatch.ts'
import type { Adjustment } from './adjustment.ts'
import type { DoContext, Undoing } from './handlers.ts'
import type { ImplementedStep } from './implementations.ts'
import { checkOutput, parseBy } from './parse-by.ts'
import type { PolicyContext } from './workflow.ts'
import { type ErrorReporting, reportedError } from './reported-error.ts'

/** What came of an attempt. */
export type Performed =
  | { readonly success: true; readonly output: Json }
  | { readonly success: false; readonly error: ReportedError }

/** What an attempt needs beside its claim. */
export interface PerformOptions extends ErrorReporting {
  readonly signal: AbortSignal
  /** Adjusts a step on behalf of the handler. */
  readonly adjust: (adjustment: Adjustment) => Promise<void>
}

/**
 * Performs a claimed attempt: input parsed by the workflow's schema, the handler of the operation, output
 * checked by the step's schema. Never rejects: whatever is thrown on the way is what the attempt failed with,
 * input and output that do not fit as `invalid_input` and `invalid_output`, and a handler that passes on that it was
 * told to stop as `attempt_aborted`. The output of UNDO is null.
 */
export async function perform(
  claim: Claim,
  step: ImplementedStep | undefined,
  options: PerformOptions,
): Promise<Performed> {
  try {
    if (!step) throw notImplemented(claim)
    return { success: true, output: await outputOf(claim, step, options) }
  } catch (error) {
    const { signal } = options
    return { success: false, error: reportedError(isStop(error, signal) ? signal.reason : error, options) }
  }
}

/**
 * Whether the handler passes on that it was told to stop, as whatever was given its signal does: with the signal's
 * reason, or with an error of its own that is made of it.
 */
function isStop(error: unknown, { aborted, reason }: AbortSignal): boolean {
  if (!aborted) return false
  if (error === reason) return true
  try {
    return error instanceof Error && (error.cause === reason || error.name === 'AbortError')
  } catch {
    // What cannot be read says nothing of a stop.
    return false
  }
}

function notImplemented({ stepName, workflowName, workflowVersion }: Claim): TrailError {
  const message = `this worker does not implement step ${stepName} of workflow ${workflowName} ${workflowVersion}: it should not have been given it`
  return new TrailError('invalid_configuration', message)
}

async function outputOf(
  claim: Claim,
  { workflow, output, handler }: ImplementedStep,
  { signal, adjust }: PerformOptions,
): Promise<Json> {
  const what = `input of workflow ${claim.workflowName} ${claim.workflowVersion}`
  const input = await parseBy(workflow.input, claim.input, { code: 'invalid_input', what })
  const context = contextOf(claim, input, { signal, adjust })
  for (const adjustment of workflow.adjust?.(policyContextOf(claim, input)) ?? []) await adjust(adjustment)
  signal.throwIfAborted()
  if (claim.operationType === 'DO') return checkOutput(output, await handler.do(context), claim.stepName)
  if (!handler.undo) throw notImplemented(claim)
  await handler.undo({ ...context, ...undoingOf(claim) })
  return null
}

const contextOf = (
  claim: Claim,
  input: unknown,
  { signal, adjust }: Pick<PerformOptions, 'signal' | 'adjust'>,
): DoContext<unknown, Claim['outputs']> => ({
  input,
  outputs: claim.outputs,
  idempotencyKey: claim.idempotencyKey,
  signal,
  attempt: claim.attempt,
  executionId: claim.executionId,
  stepName: claim.stepName,
  correlationId: claim.correlationId,
  adjust,
})

const policyContextOf = (claim: Claim, input: unknown): PolicyContext<unknown> => ({
  input,
  stepName: claim.stepName,
  operationType: claim.operationType,
  attempt: claim.attempt,
  timeoutMs: claim.timeoutMs,
  lastError: claim.lastError,
})

const undoingOf = ({ undoing }: Claim): Undoing<Json> =>
  undoing?.outcome === 'completed' ? undoing : { outcome: 'unknown', output: undefined }
