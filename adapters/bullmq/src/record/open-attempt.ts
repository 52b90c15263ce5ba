import type { FailedStep, NotedBody } from './outbox.ts'

/** Whose steps they are that were noted. */
export type Processing = Omit<NotedBody, 'notes'>

/** What is known of an attempt of a job that is under way, by the steps of its processor that are wrapped. */
export interface OpenAttempt {
  readonly processing: Processing
  /** Steps that have failed, of which only what follows will tell whether they are tried again; of each the last time. */
  readonly failures: readonly FailedStep[]
  /** That a step was noted, and not only that it was asked to stop. */
  readonly hasSteps: boolean
  readonly hasFailed: boolean
  /** That it was asked to stop, and why; undefined when it was not. */
  readonly cancel?: { readonly reason: string | null } | undefined
}

/** By the id of the execution in its engine. */
export type OpenAttempts = ReadonlyMap<string, OpenAttempt>
