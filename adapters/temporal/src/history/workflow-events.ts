import type { Observation, ObservedUpdate } from '@steptrail/core'
import { type Asked, askedInDetails, askedInHeader } from './actor.ts'
import type { UpdateRequest } from './event-attributes.ts'
import { errorOfFailure } from './failure.ts'
import type { EventOf, HistoryEvent } from './history-event.ts'
import { digestOfPayloads, resultOf } from './payload.ts'
import { baseOf, type Projection } from './projection.ts'

/** What an event says of the workflow itself: its beginning, its end. Null for one of something else. */
export function observeWorkflow(projection: Projection, event: HistoryEvent): Observation | null {
  const base = baseOf(projection, event)
  switch (event.type) {
    case 'workflowExecutionStarted':
      return started(projection, event)
    case 'workflowExecutionCompleted':
      return { ...base, kind: 'completed', result: resultOf(event.attributes.result) }
    case 'workflowExecutionContinuedAsNew':
      return { ...base, kind: 'completed', result: null, engineOutcome: 'continued as new' }
    case 'workflowExecutionFailed':
      return { ...base, kind: 'failed', error: errorOfFailure(event.attributes.failure) }
    case 'workflowExecutionTimedOut':
      return { ...base, kind: 'failed', error: { message: 'The workflow timed out', code: 'TIMEOUT' } }
    case 'workflowExecutionCanceled':
      return { ...base, kind: 'cancelled', ...cancelAsked(projection) }
    case 'workflowExecutionTerminated':
      return { ...base, kind: 'cancelled', ...terminated(event), engineOutcome: 'terminated' }
    default:
      return null
  }
}

/** What somebody sent to the workflow; null for an event of something else. */
export function observeSignal(projection: Projection, event: HistoryEvent): Observation | null {
  const base = baseOf(projection, event)
  switch (event.type) {
    case 'workflowExecutionSignaled': {
      const { signalName: name, header, identity } = event.attributes
      return { ...base, kind: 'signalled', signal: 'signal', name, ...askedInHeader(header, identity) }
    }
    case 'workflowExecutionUpdateAccepted':
    case 'workflowExecutionUpdateCompleted':
    case 'workflowExecutionUpdateRejected':
      return updated(projection, event)
    case 'workflowExecutionCancelRequested':
      return { ...base, kind: 'signalled', signal: 'cancel', name: 'cancel', ...cancelAsked(projection) }
    default:
      return null
  }
}

type OfUpdate = EventOf<
  'workflowExecutionUpdateAccepted' | 'workflowExecutionUpdateCompleted' | 'workflowExecutionUpdateRejected'
>

/** What became of an update, with who asked for it: that is in the event by which it was accepted. */
function updated(projection: Projection, event: OfUpdate): Observation {
  const { meta, input } = requestOf(projection, event) ?? {}
  const outcome = event.type === 'workflowExecutionUpdateCompleted' ? event.attributes.outcome : null
  const failure =
    event.type === 'workflowExecutionUpdateRejected' ? event.attributes.failure : outcome?.failure
  return {
    ...baseOf(projection, event),
    kind: 'signalled',
    signal: 'update',
    name: input?.name || 'update',
    ...askedInHeader(input?.header, meta?.identity),
    update: {
      id: updateIdOf(event) || meta?.updateId || 'unknown',
      outcome: outcomeOf(event, failure),
      ...(failure && { error: errorOfFailure(failure) }),
      resultDigest: digestOfPayloads(outcome?.success) ?? undefined,
    },
  }
}

function requestOf(projection: Projection, event: OfUpdate): UpdateRequest | null | undefined {
  if (event.type === 'workflowExecutionUpdateAccepted') return event.attributes.acceptedRequest
  if (event.type === 'workflowExecutionUpdateRejected') return event.attributes.rejectedRequest
  const accepted = projection.find(event.attributes.acceptedEventId, 'workflowExecutionUpdateAccepted')
  return accepted?.attributes.acceptedRequest
}

const updateIdOf = ({ type, attributes }: OfUpdate): string | undefined =>
  type === 'workflowExecutionUpdateCompleted' ? attributes.meta?.updateId : attributes.protocolInstanceId

function outcomeOf({ type }: OfUpdate, failure: unknown): ObservedUpdate['outcome'] {
  if (type === 'workflowExecutionUpdateAccepted') return 'accepted'
  if (type === 'workflowExecutionUpdateRejected') return 'rejected'
  return failure ? 'failed' : 'completed'
}

/** Before the first step that undoes: the workflow was asked to cancel itself, and undoes for that. */
export function cancelling(projection: Projection, at: number): Observation | null {
  return (
    requestIn(projection) && {
      execution: projection.execution,
      at,
      kind: 'cancelling',
      ...cancelAsked(projection),
    }
  )
}

/** The request to cancel, which a history has once at most. */
export const requestIn = ({
  history: { events, earlier },
}: Pick<Projection, 'history'>): EventOf<'workflowExecutionCancelRequested'> | null => {
  const isRequest = (event: HistoryEvent) => event.type === 'workflowExecutionCancelRequested'
  return [...(earlier?.open.values() ?? [])].find(isRequest) ?? events.find(isRequest) ?? null
}

function started(projection: Projection, event: EventOf<'workflowExecutionStarted'>): Observation {
  const { history, options } = projection
  const { workflowType, rootWorkflowExecution, parentWorkflowExecution, input, header, identity } =
    event.attributes
  const parent = parentWorkflowExecution ?? null
  return {
    ...baseOf(projection, event),
    kind: 'started',
    workflowName: workflowType.name,
    workflowVersion: versionOf(history.events),
    correlationId: (rootWorkflowExecution ?? parent)?.workflowId ?? history.workflowId,
    actor: askedInHeader(header, parent ? `workflow ${parent.workflowId}` : identity).actor,
    inputDigest: digestOfPayloads(input),
    isBackfilled: options.isBackfilled === true,
  }
}

/** The version of the worker that took it up first, where the workers are versioned. */
function versionOf(events: readonly HistoryEvent[]): string {
  const first = events.find((event) => event.type === 'workflowTaskCompleted')
  if (first?.type !== 'workflowTaskCompleted') return 'unversioned'
  const { deploymentVersion, workerVersion } = first.attributes
  const ofBuild = workerVersion?.useVersioning === true ? workerVersion.buildId : undefined
  return deploymentVersion?.buildId || ofBuild || 'unversioned'
}

/** Who is known to have asked, else what the history has: the process, or the workflow that asked. */
function cancelAsked(projection: Projection): Asked {
  if (projection.options.cancelAsked) return projection.options.cancelAsked
  const { cause, identity, externalWorkflowExecution } = requestIn(projection)?.attributes ?? {}
  const asker = externalWorkflowExecution ? `workflow ${externalWorkflowExecution.workflowId}` : identity
  return { ...askedInHeader(null, asker), reason: cause || null }
}

function terminated({ attributes }: EventOf<'workflowExecutionTerminated'>): Asked {
  const asked = askedInDetails(attributes.details?.payloads ?? [], attributes.identity)
  return { ...asked, reason: asked.reason ?? (attributes.reason || null) }
}
