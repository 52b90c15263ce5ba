import { idOf, type CountedAttempt, type Observation, type ObservedStep } from '@steptrail/core'
import type { Failure } from './event-attributes.ts'
import { constantOf, errorOfFailure } from './failure.ts'
import type { EventOf, HistoryEvent } from './history-event.ts'
import { resultOf } from './payload.ts'
import { baseOf, type Projection, type ProjectionOptions } from './projection.ts'

type End = EventOf<
  'activityTaskCompleted' | 'activityTaskFailed' | 'activityTaskTimedOut' | 'activityTaskCanceled'
>

/** What an event of an activity says of its step; null for one of something else, or whose beginning is not there. */
export function observeActivity(projection: Projection, event: HistoryEvent): Observation | null {
  switch (event.type) {
    case 'activityTaskScheduled':
      return {
        ...baseOf(projection, event),
        kind: 'step_enqueued',
        step: stepOfActivity(projection, event),
      }
    case 'activityTaskStarted': {
      const scheduled = projection.find(event.attributes.scheduledEventId, 'activityTaskScheduled')
      if (!scheduled) return null
      const step = stepOfActivity(projection, scheduled)
      return { ...baseOf(projection, event), kind: 'attempt_started', step, ...attemptOf(event) }
    }
    case 'activityTaskCompleted':
    case 'activityTaskFailed':
    case 'activityTaskTimedOut':
    case 'activityTaskCanceled':
      return endOf(projection, event)
    default:
      return null
  }
}

/** The step that an activity is. */
const stepOfActivity = (projection: Projection, scheduled: EventOf<'activityTaskScheduled'>): ObservedStep =>
  activityStep(
    {
      key: projection.keyOfActivity(scheduled),
      name: scheduled.attributes.activityType.name,
      taskQueue: scheduled.attributes.taskQueue?.name,
      maximumAttempts: scheduled.attributes.retryPolicy?.maximumAttempts,
    },
    projection.options,
  )

/** What a step is made of, whoever tells of it. */
export interface ActivityFacts {
  readonly key: string
  readonly name: string
  readonly taskQueue: string | undefined
  /** 0 and undefined are without limit. */
  readonly maximumAttempts: number | undefined
}

/** The step that an activity is, by its facts: of its history or of its worker. */
export const activityStep = (
  { key, name, taskQueue, maximumAttempts = 0 }: ActivityFacts,
  options: ProjectionOptions,
): ObservedStep => ({
  key,
  ...namedStep(name, options),
  service: taskQueue || serviceOf(options),
  maxRetries: Math.max(0, maximumAttempts - 1),
  attemptsSeen: true,
})

/** The name of a step, and what it undoes by that. */
export function namedStep(
  name: string,
  { undoes = {} }: ProjectionOptions,
): Pick<ObservedStep, 'name' | 'operation' | 'undoes'> {
  const undone = Object.hasOwn(undoes, name) ? (undoes[name] ?? null) : null
  return { name, operation: undone === null ? 'DO' : 'UNDO', undoes: undone }
}

/** The service of what no worker does. */
export const serviceOf = ({ serviceName = 'temporal' }: ProjectionOptions): string => serviceName

/** Who made an attempt, by what it calls itself. */
export const workerOf = (identity: string | undefined): string => idOf('temporal', 'worker', identity ?? '')

function endOf(projection: Projection, event: End): Observation | null {
  const { scheduledEventId, startedEventId, identity } = event.attributes
  const scheduled = projection.find(scheduledEventId, 'activityTaskScheduled')
  if (!scheduled) return null
  const started = projection.find(startedEventId, 'activityTaskStarted')
  const base = baseOf(projection, event)
  const told = {
    ...base,
    step: stepOfActivity(projection, scheduled),
    ...(started ? attemptOf(started) : { workerUuid: workerOf(identity), counted: { number: 0 } }),
    startedAt: started ? projection.at(started) : base.at,
  }
  if (event.type === 'activityTaskCompleted')
    return { ...told, kind: 'step_succeeded', result: resultOf(event.attributes.result) }
  return { ...told, kind: 'attempt_failed', retryInMs: null, ...failureOf(event, started !== null) }
}

function failureOf(
  event: Exclude<End, EventOf<'activityTaskCompleted'>>,
  hasStarted: boolean,
): Pick<Extract<Observation, { kind: 'attempt_failed' }>, 'error' | 'outcomeUnknown' | 'retriesLeft'> {
  if (event.type === 'activityTaskCanceled')
    return { error: { message: 'Cancelled by its workflow', code: 'CANCELED' }, retriesLeft: true }
  const { failure, retryState } = event.attributes
  const isExhausted = constantOf(retryState ?? '').endsWith('MAXIMUM_ATTEMPTS_REACHED')
  return {
    error: errorOfFailure(failure),
    ...(!isExhausted && { retriesLeft: true }),
    ...(event.type === 'activityTaskTimedOut' && hasStarted && { outcomeUnknown: true }),
  }
}

function attemptOf({ attributes }: EventOf<'activityTaskStarted'>): {
  readonly workerUuid: string
  readonly counted: CountedAttempt
} {
  const { attempt, lastFailure, identity } = attributes
  return {
    workerUuid: workerOf(identity),
    counted: {
      number: Math.max(1, attempt),
      ...(lastFailure && { failedBefore: failureBefore(lastFailure) }),
    },
  }
}

/** Of an attempt that Temporal waited for no longer, nobody knows what it did. */
const failureBefore = (failure: Failure): CountedAttempt['failedBefore'] => ({
  ...errorOfFailure(failure),
  ...(failure.timeoutFailureInfo && { outcomeUnknown: true }),
})
