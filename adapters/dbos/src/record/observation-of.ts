import { idOf, type Observation, type ObservedStep } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { WrappedStep } from '../steps/attempt-log.ts'
import type { AttemptBody, OutboxRow, StatusBody, StepBody, WorkflowBody } from './outbox.ts'
import { storedError } from './stored-error.ts'

/** What telling rows of the outbox apart needs to know. */
export interface Knowledge {
  /** Steps that are wrapped, by their name. */
  readonly wrapped: ReadonlyMap<string, WrappedStep>
  /** The service of steps that are not wrapped. */
  readonly serviceName: string
}

/**
 * What a row of the outbox means; null for a change of status that is none of the workflow's story.
 *
 * @throws TrailError `invalid_event` for a kind that is not known
 */
export function observationOf(row: OutboxRow, knowledge: Knowledge): Observation | null {
  const base = { execution: row.workflowId, at: row.at }
  switch (row.kind) {
    case 'workflow':
      return started(base, row.body)
    case 'status':
      return moved(base, row.body)
    case 'deleted':
      return { ...base, kind: 'cancelled', actor: null, reason: deletedReason, engineOutcome: 'deleted' }
    case 'step':
      return outcome(base, row.body, knowledge)
    case 'attempt_started':
      return { ...base, kind: 'attempt_started', ...attemptOf(row.body) }
    case 'attempt_failed':
      return {
        ...base,
        kind: 'attempt_failed',
        ...attemptOf(row.body),
        startedAt: row.body.startedAt,
        error: row.body.error ?? { message: 'the attempt failed' },
        retryInMs: row.body.retryInMs ?? null,
      }
    default:
      throw unknownKind(row)
  }
}

const deletedReason = 'DBOS has deleted the workflow before it had ended'

/** Written by another version of the adapter, or by somebody else. */
const unknownKind = ({ id, kind }: Pick<OutboxRow, 'id'> & { readonly kind: string }): TrailError =>
  new TrailError(
    'invalid_event',
    `row ${id} of the outbox is of the kind ${JSON.stringify(kind)}, which this version of the adapter does not know: run the recorder of the version that wrote it`,
    { details: { kind } },
  )

type Base = Pick<Observation, 'execution' | 'at'>

/** A method of a class has its class before its name. The version says whose it is: a name and version are one thing here. */
const started = (base: Base, body: WorkflowBody): Observation => ({
  ...base,
  at: Math.min(base.at, body.createdAt),
  kind: 'started',
  workflowName: body.class === null || body.class === '' ? body.name : `${body.class}.${body.name}`,
  workflowVersion: body.version ?? 'unversioned',
  correlationId: body.parent ?? base.execution,
  actor: body.user === null || body.user === '' ? null : { type: 'user', id: body.user },
  inputDigest: body.inputSha256 ?? null,
  isBackfilled: body.isBackfilled === true,
  ...(body.isBackfilled !== true && {
    idReusedReason: 'DBOS had deleted the workflow; another was started under its id',
  }),
})

const gone = 'Not observable: DBOS had the error no more when it was read'

const over: ReadonlySet<string> = new Set(['SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'])

function moved(base: Base, { from, to, outcome: known }: StatusBody): Observation | null {
  switch (to) {
    case 'SUCCESS':
      if (!known) return { ...base, kind: 'completed', result: null, unseen: ['output'] }
      return {
        ...base,
        kind: 'completed',
        result: known.outputSha256 ? { sha256: known.outputSha256 } : null,
      }
    case 'ERROR':
      if (!known) return { ...base, kind: 'failed', error: { message: gone, isUnseen: true } }
      return { ...base, kind: 'failed', error: storedError(known.error ?? 'DBOS has kept no error') }
    case 'CANCELLED':
      return { ...base, kind: 'cancelled', actor: null, reason: null }
    case 'MAX_RECOVERY_ATTEMPTS_EXCEEDED':
      return { ...base, kind: 'failed', error: { message: 'DBOS gave it up: recovered too often', code: to } }
    default:
      if (over.has(from)) return { ...base, kind: 'taken_up', actor: null, reason: null }
      return from === 'PENDING' && to === 'ENQUEUED'
        ? {
            ...base,
            kind: 'interrupted',
            reason:
              'DBOS has queued the workflow anew: the process that ran it is gone, or somebody resumed it meanwhile',
          }
        : null
  }
}

function outcome(base: Base, body: StepBody, { wrapped, serviceName }: Knowledge): Observation {
  // DBOS takes a step without a name.
  const name = body.name || `step ${body.step}`
  const known = body.isBackfilled ? undefined : wrapped.get(name)
  const endedAt = body.completedAt ?? base.at
  // A wrapped step has its other times by the clock of its process; DBOS.sleep is to complete when it has not yet.
  const completedAt = known ? endedAt : Math.min(base.at, endedAt)
  const told = {
    ...base,
    at: completedAt,
    step: stepOf(known ?? { name, service: serviceName, undoes: null, maxRetries: 0 }, {
      step: body.step,
      attemptsSeen: known !== undefined && body.isCopied === false,
    }),
    workerUuid: unnamedWorker,
    startedAt: Math.min(completedAt, body.startedAt ?? completedAt),
  }
  return body.error === null
    ? { ...told, kind: 'step_succeeded', result: { sha256: body.sha256, bytes: body.bytes } }
    : { ...told, kind: 'step_failed', error: storedError(body.error) }
}

/** Which process did a step DBOS does not keep with its outcome. */
const unnamedWorker = idOf('dbos', 'a process that is not known')

const attemptOf = (body: AttemptBody) => ({
  workerUuid: body.workerUuid,
  step: stepOf(body, { step: body.step, attemptsSeen: true }),
})

const stepOf = (
  { name, service, undoes, maxRetries }: WrappedStep,
  { step, attemptsSeen }: { readonly step: number; readonly attemptsSeen: boolean },
): ObservedStep => ({
  key: String(step),
  name,
  service,
  operation: undoes === null ? 'DO' : 'UNDO',
  undoes,
  maxRetries,
  attemptsSeen,
})
