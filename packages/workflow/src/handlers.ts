import type { z } from 'zod'
import type { Adjustment } from './adjustment.ts'
import type { AncestorOutputs, StepOutput, StepSpec, StepSpecs } from './workflow.ts'

/** What DO is given. */
export interface DoContext<Input, Outputs> {
  /** The execution's input, parsed by the workflow's schema for each attempt. */
  readonly input: Input
  /** The outputs of the step's ancestors, by step name, as JSON gives them back. */
  readonly outputs: Outputs
  /** The same for all attempts of a step, and for its UNDO: hand it to whatever must not act twice. */
  readonly idempotencyKey: string
  /**
   * Aborts when the attempt's time is over, when it was lost or cancelled, and at shutdown. Hand it on: who then fails
   * with its reason, or an `AbortError`, leaves an unknown outcome, and not a failure.
   */
  readonly signal: AbortSignal
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly executionId: string
  readonly stepName: string
  readonly correlationId: string
  /**
   * Changes this step's timeout or retries, or another's, or does without a step that has not begun. Recorded as
   * ADAPTIVE_ADJUSTMENT before it resolves. Rejects with `adjustment_refused` when the attempt is no longer
   * held or the adjustment is none; nothing was changed then.
   */
  readonly adjust: (adjustment: Adjustment) => Promise<void>
}

/** What is known of the DO that is to be undone. `unknown`: an attempt ended without saying what it did, which may be all, a part, or nothing. */
export type Undoing<Output> =
  | { readonly outcome: 'completed'; readonly output: Output }
  | { readonly outcome: 'unknown'; readonly output: undefined }

/** What UNDO is given: what DO was, and what came of that. */
export type UndoContext<Input, Outputs, Output> = DoContext<Input, Outputs> & Undoing<Output>

/** Takes back what DO did. */
export type Undo<Input, Outputs, Output> = (
  context: UndoContext<Input, Outputs, Output>,
) => Promise<void> | void

/** DO and UNDO of one step. UNDO is required unless the step says `undo: 'none'`, and then forbidden. */
export type Handler<Input, Step extends StepSpec, Outputs> = {
  readonly do: (
    context: DoContext<Input, Outputs>,
  ) => Promise<z.input<Step['output']>> | z.input<Step['output']>
} & (Step extends { readonly undo: 'none' }
  ? { readonly undo?: never }
  : { readonly undo: Undo<Input, Outputs, StepOutput<Step>> })

type StepsOf<Steps extends StepSpecs, Service extends string> = {
  [Name in keyof Steps]: Steps[Name] extends { readonly service: Service } ? Name : never
}[keyof Steps]

/** A handler for each of the workflow's steps that belong to this service, and for no other. */
export type Handlers<Input extends z.ZodType, Steps extends StepSpecs, Service extends string> = {
  readonly [Name in StepsOf<Steps, Service>]: Handler<
    z.output<Input>,
    Steps[Name],
    AncestorOutputs<Steps, Name>
  >
}
