import type { Observation, ObservedStep } from '@steptrail/core'
import type { OpenAttempt, Processing } from './open-attempt.ts'
import type { NotedStep } from './outbox.ts'

/** The failure of a step, now that it is known whether it is tried again; nothing where none has failed. */
export function decided(
  execution: string,
  open: OpenAttempt | null,
  retryInMs: number | null,
): readonly Observation[] {
  if (!open?.failure) return []
  const { at, startedAt, error } = open.failure
  const { workerUuid } = open.processing
  const step = stepOf(open.failure, open.processing)
  return [{ execution, at, kind: 'attempt_failed', step, workerUuid, startedAt, error, retryInMs }]
}

/** A wrapped step as it is on record. */
export const stepOf = (step: NotedStep, { service, maxRetries }: Processing): ObservedStep => ({
  key: keyOf(step),
  name: step.name,
  service,
  operation: step.undoes === null ? 'DO' : 'UNDO',
  undoes: step.undoes,
  maxRetries,
  attemptsSeen: true,
})

/** Tells a step from the others of its job. */
export const keyOf = ({ name, undoes }: Pick<NotedStep, 'name' | 'undoes'>): string =>
  JSON.stringify([undoes === null ? 'do' : 'undo', name])
