import type { Observation, ObservedStep } from '@steptrail/core'
import { namedStep, serviceOf, workerOf } from './activity-steps.ts'
import { errorOfFailure } from './failure.ts'
import type { EventOf, HistoryEvent } from './history-event.ts'
import { jsonOfPayload, resultOf } from './payload.ts'
import { baseOf, type Projection } from './projection.ts'

/** A local activity leaves one marker when it has ended: its name, its number of attempts, and its outcome. */
export function observeLocalActivity(projection: Projection, event: HistoryEvent): Observation | null {
  if (event.type !== 'markerRecorded' || !markerNames.has(event.attributes.markerName)) return null
  const { name, attempt } = factsOf(event)
  const base = baseOf(projection, event)
  const step: ObservedStep = {
    key: String(event.id),
    ...namedStep(name, projection.options),
    service: serviceOf(projection.options),
    maxRetries: 0,
    attemptsSeen: attempt !== null,
  }
  const told = {
    ...base,
    step,
    workerUuid: workerOf(undefined),
    startedAt: base.at,
    counted: { number: attempt ?? 1 },
    unseen: ['durationMs'] as const,
  }
  const { failure, details } = event.attributes
  return failure
    ? { ...told, kind: 'attempt_failed', error: errorOfFailure(failure), retryInMs: null, retriesLeft: true }
    : { ...told, kind: 'step_succeeded', result: resultOf(resultIn(details)) }
}

/** Attempts of a local activity that an event tells of. */
export const localAttemptsIn = (event: HistoryEvent): number =>
  event.type === 'markerRecorded' && markerNames.has(event.attributes.markerName)
    ? (factsOf(event).attempt ?? 1)
    : 0

/** Of the SDKs on Temporal's core, and of those for Go and Java. */
const markerNames: ReadonlySet<string> = new Set(['core_local_activity', 'LocalActivity'])

/** Where a codec or an SDK has it in another form, the name and the attempts are not to be had. */
function factsOf({ attributes }: EventOf<'markerRecorded'>): {
  readonly name: string
  readonly attempt: number | null
} {
  const valueOf = (key: string): unknown => jsonOfPayload(attributes.details?.[key]?.payloads?.[0])
  const data = valueOf('data')
  const fields: Readonly<Record<string, unknown>> =
    typeof data === 'object' && data !== null ? { ...data } : {}
  // Those on the core say it in data, that for Go does with other names, and that for Java has a key for the name.
  const name = fields['activity_type'] ?? fields['ActivityType'] ?? valueOf('type')
  const attempt = fields['attempt'] ?? fields['Attempt']
  return {
    name: typeof name === 'string' && name !== '' ? name : 'local activity',
    attempt: isAttempt(attempt) ? attempt : null,
  }
}

type Details = EventOf<'markerRecorded'>['attributes']['details']

/** Older SDKs for Java have it where the others have what is known of the activity. */
const resultIn = (details: Details) =>
  details?.['result'] ?? (details?.['type'] ? details['data'] : undefined)

const isAttempt = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 10_000
