import type { Actor, EngineCapabilities, OperationType } from '@steptrail/event'
import type { Json } from '@steptrail/verify'

/** An engine whose executions are put on record. */
export interface ObservedEngine {
  /** Such as `dbos`: `engine` of its executions. */
  readonly name: string
  readonly capabilities: EngineCapabilities
  /** The installation that its history comes from, a UUID: the same for as long as it has the same history. */
  readonly sourceId: string
}

/** A step as another engine knows it. */
export interface ObservedStep {
  /** Tells it from the other steps of its execution; the same for all its attempts. */
  readonly key: string
  readonly name: string
  readonly service: string
  readonly operation: OperationType
  /** Of an UNDO: the name of the step that it undoes. */
  readonly undoes: string | null
  /** Retries after the first attempt, as far as the engine lets one know. */
  readonly maxRetries: number
  /** False where only the outcome is seen: then how many attempts there were is not observable. */
  readonly attemptsSeen: boolean
}

/** How an attempt failed. */
export interface ObservedError {
  readonly message: string
  readonly code?: string | undefined
}

/**
 * Something that happened to an execution of another engine. `at` is when, in milliseconds since 1970, by the engine's
 * clock. Those of one execution come in the order in which they happened, as far as that is known; one that repeats what
 * is on record, or comes too late to be true, changes nothing.
 */
export type Observation = {
  /** The execution, by its id in its engine. */
  readonly execution: string
  readonly at: number
} & (
  | {
      readonly kind: 'started'
      readonly workflowName: string
      readonly workflowVersion: string
      readonly correlationId: string | null
      readonly actor: Actor | null
      /** SHA-256 of the input as the engine stores it, in hex; null where it is not to be had. */
      readonly inputDigest: string | null
      /** From before the adapter was installed. */
      readonly isBackfilled: boolean
    }
  | {
      readonly kind: 'attempt_started'
      readonly step: ObservedStep
      readonly workerUuid: string
    }
  | {
      readonly kind: 'attempt_failed'
      readonly step: ObservedStep
      readonly workerUuid: string
      readonly startedAt: number
      readonly error: ObservedError
      /** How long it waits for the next attempt; null when there is none. */
      readonly retryInMs: number | null
    }
  /** The engine has given the step up: says the same as its last attempt, where that was seen. */
  | {
      readonly kind: 'step_failed'
      readonly step: ObservedStep
      readonly workerUuid: string
      readonly startedAt: number
      readonly error: ObservedError
    }
  | {
      readonly kind: 'step_succeeded'
      readonly step: ObservedStep
      readonly workerUuid: string
      readonly startedAt: number
      readonly result: Json
    }
  /** Whoever worked on it is gone: what the attempts under way did is not known. */
  | { readonly kind: 'interrupted'; readonly reason: string }
  /** It had ended, and goes on. */
  | { readonly kind: 'taken_up'; readonly actor: Actor | null; readonly reason: string | null }
  | { readonly kind: 'completed'; readonly result: Json }
  | { readonly kind: 'failed'; readonly error: ObservedError }
  | { readonly kind: 'cancelled'; readonly actor: Actor | null; readonly reason: string | null }
)

/** An observation, under the id that its source gives it. */
export interface SourcedObservation {
  readonly id: string
  readonly observation: Observation
}
