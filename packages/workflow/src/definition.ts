import type { Json } from '@steptrail/verify'

/** How long to wait before a retry. All times are whole milliseconds. */
export type Backoff =
  /** The same delay before each retry. */
  | { readonly type: 'fixed'; readonly delayMs: number }
  /** `min(maxMs, initialMs × factor^(retry − 1))`, spread by ± `jitter` (a fraction, 0 to 1). */
  | {
      readonly type: 'exponential'
      readonly initialMs: number
      readonly factor: number
      readonly maxMs: number
      readonly jitter: number
    }

/** How often an operation is tried again after its first attempt failed, and how long it waits. */
export interface RetryPolicy {
  /** Retries after the first attempt: 3 means at most four attempts. */
  readonly maxRetries: number
  readonly backoff: Backoff
}

/** One step of a definition, complete: every default has been filled in. */
export interface StepDefinition {
  readonly name: string
  /** What the step does, for analytics; the step's name unless given. */
  readonly action: string
  /** The worker service that performs it. */
  readonly service: string
  /** Names of the steps that must be satisfied first; empty for a root. */
  readonly after: readonly string[]
  /** How long one attempt may take, from its claim to its report. */
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  /** `handler`: a worker can undo it. `none`: a rollback skips it, and says so. */
  readonly undo: 'handler' | 'none'
  /**
   * What follows when it has failed for good. `rollback`: the execution fails and is rolled back. `block`: it
   * waits for an operator. `skip`: the steps after it go on without it.
   */
  readonly onFailure: 'rollback' | 'block' | 'skip'
  /** JSON Schema of `{ input, outputs }` for which the step runs; null: always. */
  readonly when: Json | null
  /** JSON Schema of the output. */
  readonly output: Json
}

/**
 * A workflow as plain data: what is stored, hashed, pinned to an execution and decided on. It carries no
 * code, so any process can decide for any workflow.
 */
export interface WorkflowDefinition {
  readonly name: string
  readonly version: string
  /** JSON Schema of the input. */
  readonly input: Json
  /** Whether ORCHESTRATION_STARTED carries the input itself beside its digest. */
  readonly recordInput: boolean
  /** In the order of declaration. */
  readonly steps: readonly StepDefinition[]
}
