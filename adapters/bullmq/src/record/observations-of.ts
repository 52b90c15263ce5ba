import { idOf, type Observation, type ObservedStep } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { meaningOfNotes } from './meaning-of-notes.ts'
import { decided } from './decided.ts'
import type { OpenAttempt } from './open-attempt.ts'
import type { AddedBody, LeftBody, OutboxEntry, RemovedBody } from './outbox.ts'

/** What telling entries apart needs to know. */
export interface Knowledge {
  /** The service of processors whose steps are not wrapped. */
  readonly serviceName: string
  /** Since when attempts are seen, in milliseconds since 1970. */
  readonly installedAt: number
}

/** What an entry means, and what is known after it of the attempt under way; null when none is. */
export interface Meaning {
  readonly observations: readonly Observation[]
  readonly open: OpenAttempt | null
}

/** The id of a job's execution in its engine: an id of BullMQ may be used again when its job is gone. */
export const executionOf = ({
  queue,
  jobId,
  addedAt,
}: Pick<OutboxEntry, 'queue' | 'jobId' | 'addedAt'>): string => `${queue}:${jobId}@${addedAt}`

/**
 * What an entry means after those before it. Whether a step that failed is tried again shows in what comes next: BullMQ
 * decides it for the job, and the processor for what it does about a failure itself.
 *
 * @throws TrailError `invalid_event` for a kind that is not known
 */
export function meaningOf(entry: OutboxEntry, open: OpenAttempt | null, knowledge: Knowledge): Meaning {
  const base = { execution: executionOf(entry), at: entry.at }
  switch (entry.kind) {
    case 'added':
      return { observations: [started(base, entry)], open }
    case 'taken_up':
      return { observations: [{ ...base, kind: 'taken_up', actor: null, reason: null }], open }
    case 'noted':
      return meaningOfNotes(base.execution, open, entry.body)
    case 'removed':
      return {
        observations: [
          ...decided(base.execution, open, null),
          { ...base, kind: 'cancelled', actor: null, ...removal(entry.body) },
        ],
        open: null,
      }
    case 'left':
      return { observations: left(base, entry.body, { open, knowledge }), open: null }
    default:
      throw unknownKind(entry)
  }
}

/** A job that is gone was removed, or it ended and that was not seen. */
function removal({ from, isBackfilled }: RemovedBody) {
  if (from === 'unknown')
    return {
      reason: 'BullMQ has the job no more; it was removed, or ended without that being seen',
      engineOutcome: 'unknown',
    }
  return { reason: isBackfilled ? 'The job was removed; attempts before that may not have been seen' : null }
}

/** Written by another version of the adapter, or by somebody else. */
const unknownKind = ({ id, kind }: Pick<OutboxEntry, 'id'> & { readonly kind: string }): TrailError =>
  new TrailError(
    'invalid_event',
    `row ${id} of the outbox is of the kind ${JSON.stringify(kind)}, which this version of the adapter does not know: run the recorder of the version that wrote it`,
    { details: { kind } },
  )

type Base = Pick<Observation, 'execution' | 'at'>

const started = (
  base: Base,
  {
    queue,
    jobId,
    addedAt,
    body,
  }: Pick<OutboxEntry, 'queue' | 'jobId' | 'addedAt'> & { readonly body: AddedBody },
): Observation => ({
  ...base,
  // The time is the application's to give (`timestamp`), which may mean it in seconds.
  at: addedAt < earliest ? base.at : Math.min(base.at, addedAt),
  kind: 'started',
  workflowName: `${queue}.${nameOf(body)}`,
  workflowVersion: 'unversioned',
  correlationId: body.parent ?? `${queue}:${jobId}`,
  actor: null,
  inputDigest: body.sha256,
  isBackfilled: body.isBackfilled === true,
})

/** The trail takes nothing from before. */
const earliest = Date.UTC(2000)

/** BullMQ takes a job without a name. */
const nameOf = ({ name }: { readonly name: string }): string => name || 'unnamed'

interface LeftContext {
  /** Null where nothing of the attempt was noted. */
  readonly open: OpenAttempt | null
  readonly knowledge: Knowledge
}

function left(base: Base, body: LeftBody, { open, knowledge }: LeftContext): readonly Observation[] {
  const told = { ...base, at: leftAt(base.at, body) }
  const own = ownAttempt(told, body, { open, knowledge })
  return [...decided(told.execution, open, retryAfter(body)), ...own, ...ended(told, body, open)]
}

/** Stalled too often: BullMQ puts the job back, and has the next worker fail it. */
const isGivenUp = ({ isStalled, isDeferred }: LeftBody): boolean => isStalled && isDeferred

/** How long it is until the next attempt, in milliseconds; null when there is none. */
function retryAfter(body: LeftBody): number | null {
  if (body.to === 'delayed') return body.delay
  return body.to === 'failed' || body.to === 'completed' || isGivenUp(body) ? null : 0
}

/** When it was left, by the clock of who worked on it. */
function leftAt(at: number, { to, endedAt, retryAt, delay, isStalled }: LeftBody): number {
  if (isStalled) return at
  if (to === 'completed' || to === 'failed') return endedAt ?? at
  return to === 'delayed' && retryAt !== null ? retryAt - delay : at
}

/** The attempt of the processor as a whole is on record where none of its steps tells of it. */
function ownAttempt(told: Base, body: LeftBody, { open, knowledge }: LeftContext): readonly Observation[] {
  const startedAt = Math.min(told.at, body.startedAt ?? told.at)
  const attempt = { ...told, step: ownStep(told, body, knowledge), workerUuid: workerOf(body), startedAt }
  if (body.isStalled && !open?.hasSteps) return [{ ...attempt, at: startedAt, kind: 'attempt_started' }]
  if (body.to === 'completed' && !open?.hasSteps)
    return [{ ...attempt, kind: 'step_succeeded', result: resultOf(body) }]
  if (!body.hasFailed || body.isDeferred || open?.hasFailed) return []
  const retryInMs = body.to === 'failed' ? null : body.to === 'delayed' ? body.delay : 0
  return [{ ...attempt, kind: 'attempt_failed', error: errorOf(body), retryInMs }]
}

const interruption = (body: LeftBody) =>
  isGivenUp(body)
    ? ({ reason: 'The worker of the job is gone, and BullMQ gives the job up', isGivenUp: true } as const)
    : { reason: 'The worker of the job is gone; BullMQ has another do it' }

function ended(told: Base, body: LeftBody, open: OpenAttempt | null): readonly Observation[] {
  if (body.isStalled) return [{ ...told, kind: 'interrupted', ...interruption(body) }]
  if (body.to === 'completed') return [{ ...told, kind: 'completed', result: resultOf(body) }]
  if (body.to !== 'failed') return []
  if (open?.cancel) return [{ ...told, kind: 'cancelled', actor: null, reason: open.cancel.reason }]
  return [{ ...told, kind: 'failed', error: errorOf(body) }]
}

const errorOf = ({ error }: LeftBody) => ({ message: messageOf(error) })

/** BullMQ on Redis keeps `null` where it was thrown no error, as a text. */
function messageOf(error: LeftBody['error']): string {
  if (error === null) return 'BullMQ has kept no error'
  if (error === 'null') return 'BullMQ has kept "null", as it does where what was thrown is no error'
  return error || 'failed without a message'
}

const resultOf = ({ sha256, bytes }: LeftBody) => (sha256 === null ? null : { sha256, bytes })

const workerOf = ({ worker }: LeftBody): string => idOf('bullmq worker', worker ?? 'without a name')

/** The processor as one step, under the name of the job. Attempts before the adapter was there were not seen. */
const ownStep = (
  { execution }: Base,
  body: LeftBody,
  { serviceName, installedAt }: Knowledge,
): ObservedStep => ({
  key: 'job',
  name: nameOf(body),
  service: serviceName,
  operation: 'DO',
  undoes: null,
  maxRetries: Math.max(0, body.attempts - 1),
  attemptsSeen: body.isBackfilled !== true && (body.made <= 1 || addedAtOf(execution) >= installedAt),
})

const addedAtOf = (execution: string): number => Number(execution.slice(execution.lastIndexOf('@') + 1))
