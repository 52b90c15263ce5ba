/** An entry of the outbox. Times are milliseconds since 1970. */
export type OutboxEntry = {
  readonly id: string
  readonly queue: string
  readonly jobId: string
  /** When the job was added: an id may be used again when its job is gone. */
  readonly addedAt: number
  readonly at: number
} & (
  | { readonly kind: 'added'; readonly body: AddedBody }
  | { readonly kind: 'left'; readonly body: LeftBody }
  | { readonly kind: 'taken_up'; readonly body: { readonly from: string } }
  | { readonly kind: 'removed'; readonly body: RemovedBody }
  | { readonly kind: 'noted'; readonly body: NotedBody }
)

/** What a wrapped processor noted of an attempt of its job, in its order. */
export interface NotedBody {
  readonly service: string
  readonly workerUuid: string
  /** Retries of the job, and so of its steps. */
  readonly maxRetries: number
  readonly notes: readonly Note[]
}

/** Something that a wrapped processor noted, and when. */
export type Note =
  | (NotedStep & { readonly kind: 'attempt_started'; readonly at: number })
  | (NotedStep & {
      readonly kind: 'attempt_succeeded'
      readonly at: number
      readonly result: NotedResult | null
    })
  | FailedStep
  | { readonly kind: 'cancel_asked'; readonly at: number; readonly reason: string | null }

/** An attempt of a step that failed. */
export type FailedStep = NotedStep & {
  readonly kind: 'attempt_failed'
  readonly at: number
  readonly error: { readonly message: string; readonly code?: string | undefined }
}

/** An attempt of a step of a processor. */
export interface NotedStep {
  readonly name: string
  /** The name of the step that it undoes; null for one that undoes none. */
  readonly undoes: string | null
  /** From 2 on, where others of its name were under way when it began. */
  readonly place?: number | undefined
  readonly startedAt: number
}

/** What a step gave, as JSON: its SHA-256, and how long that is. */
export interface NotedResult {
  readonly sha256: string
  readonly bytes: number
}

/** A job that was added. */
export interface AddedBody {
  readonly name: string
  readonly attempts: number
  /** `queue:id` of the job whose child it is. */
  readonly parent: string | null
  /** Of its data; null where that was gone. */
  readonly sha256: string | null
  readonly isBackfilled?: true
}

/** A job that BullMQ has no more. */
export interface RemovedBody {
  /** The state that it was in, or `unknown`. */
  readonly from: string
  /** When attempts may have been made that were not seen. */
  readonly isBackfilled?: true
}

/** A job of which an attempt has ended: done, failed, put back, or lost by who worked on it. */
export interface LeftBody {
  readonly name: string
  readonly attempts: number
  /** How many attempts BullMQ has counted. */
  readonly made: number
  readonly to: 'completed' | 'failed' | 'delayed' | 'waiting' | 'waiting-children'
  readonly hasFailed: boolean
  readonly isStalled: boolean
  /** Failed before it began, as when it had stalled too often; of one that stalls, that it will. */
  readonly isDeferred: boolean
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly worker: string | null
  readonly delay: number
  readonly retryAt: number | null
  readonly error: string | null
  readonly sha256: string | null
  readonly bytes: number | null
  /** Also when attempts were made that were not seen. */
  readonly isBackfilled?: true
}
