import type { Observation, ObservedStep } from '@steptrail/core'
import type { OpenAttempt, Processing } from './open-attempt.ts'
import type { NotedStep } from './outbox.ts'

/** The failures of steps, now that it is known whether these are tried again; nothing where none has failed. */
export function decided(
  execution: string,
  open: Pick<OpenAttempt, 'failures' | 'processing'> | null,
  retryInMs: number | null,
): readonly Observation[] {
  if (!open) return []
  const { failures, processing } = open
  const { workerUuid } = processing
  return failures.map((failure) => {
    const { at, startedAt, error } = failure
    const step = stepOf(failure, processing)
    return { execution, at, kind: 'attempt_failed', step, workerUuid, startedAt, error, retryInMs }
  })
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
export const keyOf = ({ name, undoes, place }: Pick<NotedStep, 'name' | 'undoes' | 'place'>): string =>
  JSON.stringify([undoes === null ? 'do' : 'undo', name, ...(place === undefined ? [] : [place])])
