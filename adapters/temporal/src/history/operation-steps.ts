import type { Observation, ObservedError, ObservedStep } from '@steptrail/core'
import type { Json } from '@steptrail/verify'
import { namedStep, serviceOf, workerOf } from './activity-steps.ts'
import { constantOf, errorOfFailure } from './failure.ts'
import type { EventOf, HistoryEvent } from './history-event.ts'
import { resultOf } from './payload.ts'
import { baseOf, type Projection } from './projection.ts'

/** What an event of a timer, a child workflow or a Nexus operation says of its step; null for one of something else. */
export function observeOperation(projection: Projection, event: HistoryEvent): Observation | null {
  switch (event.type) {
    case 'timerStarted':
    case 'startChildWorkflowExecutionInitiated':
    case 'nexusOperationScheduled':
      return begun(projection, event)
    case 'timerFired':
      return succeeded(projection, event, { beganAs: event.attributes.startedEventId, result: null })
    case 'timerCanceled':
      return succeeded(projection, event, {
        beganAs: event.attributes.startedEventId,
        result: { endedEarly: true },
      })
    case 'childWorkflowExecutionCompleted':
      return succeeded(projection, event, {
        beganAs: event.attributes.initiatedEventId,
        result: resultOf(event.attributes.result),
      })
    case 'nexusOperationCompleted': {
      const { scheduledEventId, result } = event.attributes
      return succeeded(projection, event, {
        beganAs: scheduledEventId,
        result: resultOf({ payloads: result ? [result] : [] }),
      })
    }
    default:
      return failureOf(projection, event)
  }
}

function failureOf(projection: Projection, event: HistoryEvent): Observation | null {
  switch (event.type) {
    case 'startChildWorkflowExecutionFailed':
      return failed(projection, event, {
        beganAs: event.attributes.initiatedEventId,
        error: {
          message: `The child workflow could not be started: ${causeOf(event)}`,
        },
      })
    case 'childWorkflowExecutionFailed':
      return failed(projection, event, {
        beganAs: event.attributes.initiatedEventId,
        error: errorOfFailure(event.attributes.failure),
      })
    case 'childWorkflowExecutionCanceled':
    case 'childWorkflowExecutionTimedOut':
    case 'childWorkflowExecutionTerminated':
      return failed(projection, event, {
        beganAs: event.attributes.initiatedEventId,
        error: childEnds[event.type],
      })
    case 'nexusOperationFailed':
    case 'nexusOperationCanceled':
    case 'nexusOperationTimedOut':
      return failed(projection, event, {
        beganAs: event.attributes.scheduledEventId,
        error: errorOfFailure(event.attributes.failure),
      })
    default:
      return null
  }
}

const causeOf = ({ attributes }: EventOf<'startChildWorkflowExecutionFailed'>): string =>
  constantOf(attributes.cause ?? 'NO_CAUSE').replace(/^START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_/, '')

const childEnds = {
  childWorkflowExecutionCanceled: { message: 'The child workflow was cancelled', code: 'CANCELED' },
  childWorkflowExecutionTimedOut: { message: 'The child workflow timed out', code: 'TIMEOUT' },
  childWorkflowExecutionTerminated: { message: 'The child workflow was terminated', code: 'TERMINATED' },
} as const

type Beginning = EventOf<'timerStarted' | 'startChildWorkflowExecutionInitiated' | 'nexusOperationScheduled'>

const noWorker = workerOf(undefined)

/** Temporal does these itself, so each is one attempt. */
const begun = (projection: Projection, event: Beginning): Observation => ({
  ...baseOf(projection, event),
  kind: 'attempt_started',
  step: stepOf(projection, event),
  workerUuid: noWorker,
  counted: { number: 1 },
})

function stepOf({ options }: Projection, event: Beginning): ObservedStep {
  return {
    key: String(event.id),
    ...namedStep(nameOf(event), options),
    service: serviceOf(options),
    maxRetries: 0,
    attemptsSeen: true,
  }
}

function nameOf(event: Beginning): string {
  switch (event.type) {
    case 'timerStarted':
      return 'timer'
    case 'startChildWorkflowExecutionInitiated':
      return event.attributes.workflowType.name
    case 'nexusOperationScheduled':
      return `${event.attributes.service}.${event.attributes.operation}`
  }
}

function succeeded(
  projection: Projection,
  event: HistoryEvent,
  { beganAs, result }: { readonly beganAs: number; readonly result: Json },
): Observation | null {
  const told = endedOf(projection, event, beganAs)
  return told && { ...told, kind: 'step_succeeded', result }
}

function failed(
  projection: Projection,
  event: HistoryEvent,
  { beganAs, error }: { readonly beganAs: number; readonly error: ObservedError },
): Observation | null {
  const told = endedOf(projection, event, beganAs)
  return told && { ...told, kind: 'attempt_failed', error, retryInMs: null }
}

function endedOf(projection: Projection, event: HistoryEvent, beganAs: number) {
  const beginning =
    projection.find(beganAs, 'timerStarted') ??
    projection.find(beganAs, 'startChildWorkflowExecutionInitiated') ??
    projection.find(beganAs, 'nexusOperationScheduled')
  return (
    beginning && {
      ...baseOf(projection, event),
      step: stepOf(projection, beginning),
      workerUuid: noWorker,
      startedAt: projection.at(beginning),
      counted: { number: 1 },
    }
  )
}
