import type { StepBody } from './outbox.ts'

/** What is known of an attempt of a job that is under way, by the steps of its processor that are wrapped. */
export interface OpenAttempt {
  /** The step that failed last, of which only what follows will tell whether it is tried again. */
  readonly failure: FailedStep | null
  readonly hasFailed: boolean
  /** That it was asked to stop, and why; undefined when it was not. */
  readonly cancel?: { readonly reason: string | null } | undefined
}

/** A step that failed, and when. */
export interface FailedStep {
  readonly at: number
  readonly body: StepBody
}

/** By the id of the execution in its engine. */
export type OpenAttempts = ReadonlyMap<string, OpenAttempt>

/** An attempt of which nothing is known yet. */
export const justBegun: OpenAttempt = { failure: null, hasFailed: false }
