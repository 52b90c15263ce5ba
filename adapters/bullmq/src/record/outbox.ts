import type { BullmqSchemas } from '../install/place.ts'

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
  | { readonly kind: 'taken_up' | 'removed'; readonly body: { readonly from: string } }
  | { readonly kind: 'cancel_asked'; readonly body: { readonly reason: string | null } }
  | StepEntry
)

/** An attempt of a wrapped step, as its wrapper saw it. */
export type StepEntry = {
  readonly kind: 'attempt_started' | 'attempt_succeeded' | 'attempt_failed'
  readonly body: StepBody
}

/** A job that was added. */
export interface AddedBody {
  readonly name: string
  readonly attempts: number
  /** `queue:id` of the job whose child it is. */
  readonly parent: string | null
  readonly sha256: string
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
  /** Failed before it began, as when it had stalled too often. */
  readonly isDeferred: boolean
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly worker: string | null
  readonly delay: number
  readonly retryAt: number | null
  readonly error: string | null
  readonly sha256: string | null
  readonly bytes: number | null
  readonly isBackfilled?: true
}

/** A step of a processor. */
export interface StepBody {
  readonly name: string
  readonly service: string
  /** The name of the step that it undoes; null for one that undoes none. */
  readonly undoes: string | null
  readonly maxRetries: number
  readonly workerUuid: string
  readonly startedAt: number
  readonly error?: { readonly message: string; readonly code?: string | undefined }
  readonly result?: { readonly sha256: string; readonly bytes: number } | null
}

/** The oldest entries of the outbox, as `OutboxEntry`. */
export const selectOutbox = ({ ours }: BullmqSchemas): string => `
select id::text as id, queue, job_id as "jobId", added_at::float8 as "addedAt", kind, at::float8 as at, body
from ${ours}.outbox
order by outbox.id
limit $1`
