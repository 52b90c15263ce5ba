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
  /** When its engine does not show the message, or not all of it: the message says so. */
  readonly isUnseen?: true | undefined
}

/**
 * Which attempt of its step it is, where the engine counts them. Then a step runs once, and an attempt that is on record
 * changes nothing, whoever tells of it. Those before it that are not on record are, as failed, and say of themselves what
 * is not observable.
 */
export interface CountedAttempt {
  /** From 1 on; 0 with a failure where the engine gave the step up before an attempt began, or between two. */
  readonly number: number
  /** How the attempt before it failed, where the engine keeps that; when its engine waited no longer, nobody knows what it did. */
  readonly failedBefore?: (ObservedError & { readonly outcomeUnknown?: true | undefined }) | undefined
}

/** What of an end its engine does not show, as `details.notObservable` of the event names it; without a duration, no beginning either. */
export type Unseen = readonly ('output' | 'durationMs')[]

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
      /**
       * What is said where its id is on record already: its engine had forgotten the one before, and this one goes on in
       * its place. Without, what is told again changes nothing.
       */
      readonly idReusedReason?: string | undefined
    }
  /** It was sent to a worker, and waits for one. */
  | { readonly kind: 'step_enqueued'; readonly step: ObservedStep }
  | {
      readonly kind: 'attempt_started'
      readonly step: ObservedStep
      readonly workerUuid: string
      readonly counted?: CountedAttempt | undefined
    }
  | {
      readonly kind: 'attempt_failed'
      readonly step: ObservedStep
      readonly workerUuid: string
      readonly startedAt: number
      readonly error: ObservedError
      readonly unseen?: Unseen | undefined
      /** How long it waits for the next attempt; null when there is none. */
      readonly retryInMs: number | null
      readonly counted?: CountedAttempt | undefined
      /** When nobody knows what it did: its engine waited no longer. */
      readonly outcomeUnknown?: true | undefined
      /** When it is the last although there were retries left. */
      readonly retriesLeft?: true | undefined
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
      readonly counted?: CountedAttempt | undefined
      readonly unseen?: Unseen | undefined
    }
  /** Somebody sent it something, or asked it to cancel itself; what it makes of that shows in what follows. */
  | {
      readonly kind: 'signalled'
      readonly signal: 'signal' | 'update' | 'cancel'
      /** The name of the signal or update; of a request to cancel, `cancel`. */
      readonly name: string
      readonly actor: Actor | null
      readonly reason: string | null
      /** Of an update: what became of it. */
      readonly update?: ObservedUpdate | undefined
    }
  /** Its engine knows it no longer: it has ended, and nobody can tell how. */
  | { readonly kind: 'forgotten'; readonly reason: string }
  /** Whoever worked on it is gone: what the attempts under way did is not known. */
  | {
      readonly kind: 'interrupted'
      readonly reason: string
      /** When its engine makes no other attempt. */
      readonly isGivenUp?: true | undefined
    }
  /** It had ended, and goes on. */
  | { readonly kind: 'taken_up'; readonly actor: Actor | null; readonly reason: string | null }
  | {
      readonly kind: 'completed'
      readonly result: Json
      readonly unseen?: Unseen | undefined
      /** What its engine calls it, where that says more, such as `continued as new`. */
      readonly engineOutcome?: string | undefined
    }
  | { readonly kind: 'failed'; readonly error: ObservedError }
  /** It was cancelled, and undoes what it has done before it ends. */
  | { readonly kind: 'cancelling'; readonly actor: Actor | null; readonly reason: string | null }
  | {
      readonly kind: 'cancelled'
      readonly actor: Actor | null
      readonly reason: string | null
      /** What its engine calls it, where that says more, such as `terminated`. */
      readonly engineOutcome?: string | undefined
    }
)

/** What became of an update: it is accepted or rejected, and when it is accepted, completed or failed. */
export interface ObservedUpdate {
  /** As its engine knows it: the same for all that becomes of it. */
  readonly id: string
  readonly outcome: 'accepted' | 'rejected' | 'completed' | 'failed'
  /** Of one that was rejected or failed. */
  readonly error?: ObservedError | undefined
  /** SHA-256 of what it yielded, in hex. */
  readonly resultDigest?: string | undefined
}

/** An observation, under the id that its source gives it. */
export interface SourcedObservation {
  readonly id: string
  readonly observation: Observation
}

/** An observation at its place in a history whose events have numbers that grow. */
export interface PlacedObservation {
  /** The number of the event that it was read from; null for one that was seen elsewhere, which says itself whether it is new. */
  readonly place: number | null
  /** What happens once in a history and may be told of from several sides: the first that is told is on record. */
  readonly once?: string | undefined
  /** What it is told for, where that has `once` and does not say as much: this is on record in any case, and that no more. */
  readonly insteadOf?: string | undefined
  /** On record only when what has this as `once` or `insteadOf` is, which may then be told again. */
  readonly withdraws?: string | undefined
  readonly observation: Observation
}

/** What a history has to tell. */
export interface ObservedHistory {
  /** In the order in which it happened. */
  readonly told: readonly PlacedObservation[]
  /** The number of the last event that was read; null when none was, and all of it was seen elsewhere. */
  readonly through: number | null
  /** The number of the event that it is told from, where what came before has been told earlier. Default 0: from the first on. */
  readonly after?: number | undefined
}
