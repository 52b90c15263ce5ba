import type { Json } from '@steptrail/verify'
import type { Adjustment } from './adjustment.ts'
import type { WorkflowDefinition } from './definition.ts'

/** What a worker implements: it is offered nothing else. */
export interface Implementation {
  readonly workflowName: string
  readonly workflowVersion: string
  readonly stepName: string
}

/** Who a worker is, said once when it starts. */
export interface WorkerRegistration {
  /** Made by the worker for its lifetime; stored with every attempt it makes. */
  readonly workerUuid: string
  readonly service: string
  readonly implements: readonly Implementation[]
  /** The definitions the worker was built with; registered if they are new, refused if they differ. */
  readonly definitions: readonly WorkflowDefinition[]
  /** The worker counts as lost when it has not been heard of for this long. */
  readonly leaseMs: number
  readonly host: string
  readonly pid: number
  /** The program's own version, free text; null when not given. */
  readonly version: string | null
}

/** One attempt of one operation, claimed by one worker until it reports, releases, or falls silent. */
export interface Claim {
  readonly executionId: string
  readonly workflowName: string
  readonly workflowVersion: string
  readonly correlationId: string
  readonly tenant: string
  readonly stepId: string
  readonly stepName: string
  readonly operationType: 'DO' | 'UNDO'
  /** 1 for the first attempt. */
  readonly attempt: number
  /** Names this attempt; a report with another token is refused and recorded. */
  readonly attemptToken: string
  /** How long the attempt may take, counted from the claim. */
  readonly timeoutMs: number
  /** Stable over all attempts of a step; UNDO gets the one of its DO. */
  readonly idempotencyKey: string
  /** The execution's input, as given to `start`. */
  readonly input: Json
  /** Outputs of all ancestors of the step, by step name. */
  readonly outputs: Readonly<Record<string, Json>>
  /** The message of the attempt before this one; null for the first. */
  readonly lastError: string | null
  /** For UNDO: what is known of the DO that is to be undone. Null for DO. */
  readonly undoing:
    { readonly outcome: 'completed'; readonly output: Json } | { readonly outcome: 'unknown' } | null
}

/** Why an attempt failed, as the worker saw it. */
export interface ReportedError {
  /** The technical message, bounded. */
  readonly message: string
  /** The error's own code (`23505`, `ECONNREFUSED`), where it has one. */
  readonly code?: string
  /** What to tell a person, where the error offers it. */
  readonly reason?: string
  /** True: another attempt cannot help, so none is made. */
  readonly fatal?: true
  /** Wait so long before the next attempt, in place of the back-off. Whole milliseconds. */
  readonly retryAfterMs?: number
  /** Only by the worker's option. */
  readonly stack?: string
}

/** What came of an attempt. `executionTimeMs` is the worker's own measure, whole milliseconds. */
export type Result = {
  readonly stepId: string
  readonly executionId: string
  readonly attempt: number
  readonly attemptToken: string
  readonly workerUuid: string
  readonly executionTimeMs: number
} & (
  | { readonly success: true; readonly output: Json }
  | { readonly success: false; readonly error: ReportedError }
)

/** `accepted`: decided and committed. `rejected`: the worker no longer held the step; recorded, nothing changed. */
export interface ResultOutcome {
  readonly stepId: string
  readonly attemptToken: string
  readonly outcome: 'accepted' | 'rejected'
  /** Steps that became due by this result and were claimed for the worker that reported it, with the decision. */
  readonly next?: readonly Claim[]
}

/** What a worker still works on, named by step and token. */
export interface HeldAttempt {
  readonly stepId: string
  readonly attemptToken: string
}

/** An attempt that a worker still holds. */
export interface AllowedAttempt extends HeldAttempt {
  /** How long it may take, counted from its claim: an operator or another step may have changed it. Whole milliseconds. */
  readonly timeoutMs: number
}

/** What becomes of the attempts that a heartbeat named. */
export interface HeartbeatAnswer {
  /**
   * To be aborted: no longer held (timed out, cancelled, lost), or of an execution that rolls back. What an aborted
   * handler still brings about is to be reported all the same.
   */
  readonly lost: readonly HeldAttempt[]
  /** All others. */
  readonly held: readonly AllowedAttempt[]
}

/** An attempt that a worker gives back. */
export interface ReleasedAttempt extends HeldAttempt {
  /** Whether its handler was called: what it has done is then not known. */
  readonly hasBegun: boolean
}

/** An adjustment that a handler asks for, and the attempt that it holds. */
export interface AdjustmentRequest extends HeldAttempt {
  readonly executionId: string
  readonly workerUuid: string
  readonly adjustment: Adjustment
}

/**
 * How workers and the runtime meet. A claim is exclusive until it is reported, released, timed out, or its
 * worker's lease runs out. Every method may be called again after a lost reply.
 */
export interface Dispatch {
  /** Makes the worker known and starts its lease. Throws when a definition differs from the registered one. */
  register(worker: WorkerRegistration): Promise<void>
  /** Claims at most `limit` due steps that the worker implements. Empty when there are none. */
  claim(workerUuid: string, limit: number): Promise<readonly Claim[]>
  /**
   * Renews the lease, and says what is to become of each of `held`. Throws `worker_unknown` for a worker that is not
   * registered, as in a database that was set back: it has to register again.
   */
  heartbeat(workerUuid: string, held: readonly HeldAttempt[]): Promise<HeartbeatAnswer>
  /**
   * Adjusts a step on behalf of a handler that holds an attempt. Throws `adjustment_refused` when it no longer
   * does, or the adjustment is none.
   */
  adjust(request: AdjustmentRequest): Promise<void>
  /**
   * Gives attempts back, at shutdown: they are not counted and may be claimed by another at once. The outcome of one
   * that has begun is unknown. Throws where not all could be given back; those that were are passed over when it is
   * called again.
   */
  release(workerUuid: string, released: readonly ReleasedAttempt[]): Promise<void>
  /**
   * Reports results and decides what follows. Results it does not return an outcome for are to be reported again.
   * Of the steps that become due by it, up to `room` are claimed for the worker at once, which saves asking for them.
   */
  report(results: readonly Result[], room?: number): Promise<readonly ResultOutcome[]>
  /** Ends the lease of a worker that holds nothing any more. */
  unregister(workerUuid: string): Promise<void>
  /** Resolves when there may be new work for `service`, after `timeoutMs`, or when `signal` aborts. Never rejects. */
  waitForWork(service: string, timeoutMs: number, signal: AbortSignal): Promise<void>
}
