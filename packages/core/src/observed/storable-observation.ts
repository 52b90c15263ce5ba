import { hash } from 'node:crypto'
import { type Actor, eventLimits } from '@steptrail/event'
import { storableText, workflowLimits } from '@steptrail/workflow'
import type {
  CountedAttempt,
  Observation,
  ObservedError,
  ObservedStep,
  ObservedUpdate,
} from './observation.ts'

type Redact = (text: string) => string

/**
 * An observation whose texts can be on record: without the secrets in what failed and in reasons, and without what the
 * trail cannot store. Ids stay as they are, but for one of the engine that is too long to be a correlation id.
 */
export function storable<Told extends Observation>(observation: Told, redact: Redact): Told {
  return {
    ...observation,
    ...('error' in observation && { error: errorOf(observation.error, redact) }),
    ...('counted' in observation &&
      observation.counted && { counted: countedOf(observation.counted, redact) }),
    ...('update' in observation && observation.update && { update: updateOf(observation.update, redact) }),
    ...('reason' in observation && { reason: reasonOf(observation, redact) }),
    ...('step' in observation && { step: stepOf(observation.step) }),
    ...('actor' in observation && { actor: actorOf(observation.actor) }),
    ...namesOf(observation),
  }
}

function errorOf<Failure extends ObservedError>(error: Failure, redact: Redact): Failure {
  const { errorTextLength, errorCodeLength } = workflowLimits
  return {
    ...error,
    message: storableText(redact(error.message), errorTextLength),
    ...(error.code !== undefined && { code: storableText(redact(error.code), errorCodeLength) }),
  }
}

const updateOf = ({ id, error, ...update }: ObservedUpdate, redact: Redact): ObservedUpdate => ({
  ...update,
  id: boundedName(id),
  ...(error && { error: errorOf(error, redact) }),
})

const countedOf = (counted: CountedAttempt, redact: Redact): CountedAttempt =>
  counted.failedBefore === undefined
    ? counted
    : { ...counted, failedBefore: errorOf(counted.failedBefore, redact) }

/** Of an interruption it is the error of the attempts under way as well. */
function reasonOf(
  { kind, reason }: Extract<Observation, { readonly reason: string | null }>,
  redact: Redact,
): string | null {
  if (reason === null) return null
  const length = kind === 'interrupted' ? workflowLimits.errorTextLength : eventLimits.textLength
  return storableText(redact(reason), length)
}

/** Room for the number of a step that runs again. */
const stepNameLength = eventLimits.nameLength - 10

const stepOf = (step: ObservedStep): ObservedStep => ({
  ...step,
  name: storableText(step.name, stepNameLength),
  service: boundedName(step.service),
  undoes: step.undoes === null ? null : storableText(step.undoes, stepNameLength),
})

const actorOf = (actor: Actor | null): Actor | null => actor && { ...actor, id: boundedName(actor.id) }

function namesOf(observation: Observation): Partial<Record<string, string | null>> {
  if (observation.kind === 'signalled') return { name: boundedName(observation.name) }
  if (observation.kind !== 'started') return {}
  const { workflowName, workflowVersion, correlationId } = observation
  return {
    correlationId: correlationId === null ? null : correlationOf(correlationId),
    workflowName: boundedName(workflowName),
    workflowVersion: storableText(workflowVersion, workflowLimits.versionLength),
  }
}

/** A long id is cut, and tells itself apart by its SHA-256: what is of one cause stays together. */
function correlationOf(id: string): string {
  if (id.length <= eventLimits.nameLength) return id
  const digest = hash('sha256', id, 'hex').slice(0, 32)
  return `${storableText(id, eventLimits.nameLength - digest.length - 1)}~${digest}`
}

const boundedName = (name: string): string => storableText(name, eventLimits.nameLength)
