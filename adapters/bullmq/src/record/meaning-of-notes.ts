import type { Observation } from '@steptrail/core'
import { decided, keyOf, stepOf } from './decided.ts'
import type { OpenAttempt } from './open-attempt.ts'
import type { FailedStep, NotedBody, Note } from './outbox.ts'

/** What was noted of an attempt means this, and leaves this known of it. */
export function meaningOfNotes(
  execution: string,
  before: OpenAttempt | null,
  { notes, ...processing }: NotedBody,
): { readonly observations: readonly Observation[]; readonly open: OpenAttempt } {
  const observations: Observation[] = []
  let open: OpenAttempt = before
    ? { ...before, processing }
    : { processing, failures: [], hasSteps: false, hasFailed: false }
  for (const note of notes) {
    const { again, givenUp, open: undecided } = decidedBy(open, note)
    observations.push(
      ...decided(execution, { processing, failures: again }, 0),
      ...decided(execution, { processing, failures: givenUp }, null),
      ...told(execution, undecided, note),
    )
    open = after(undecided, note)
  }
  return { observations, open }
}

/**
 * The processor went on after steps had failed: with the same step, or to undo what was done. Another step says nothing:
 * it may have been under way beside the one that failed.
 */
function decidedBy(open: OpenAttempt, next: Note): Decision {
  if (next.kind === 'cancel_asked' || open.failures.length === 0) return { again: [], givenUp: [], open }
  const key = keyOf(next)
  const isAgain = (failure: FailedStep) => keyOf(failure) === key
  const isGivenUp = (failure: FailedStep) => next.undoes !== null && failure.undoes === null
  return {
    again: open.failures.filter(isAgain),
    givenUp: open.failures.filter(isGivenUp),
    open: { ...open, failures: open.failures.filter((each) => !isAgain(each) && !isGivenUp(each)) },
  }
}

/** What a note tells; that an attempt failed waits for what comes next, and that it began does not. */
function told(execution: string, { processing }: OpenAttempt, note: Note): readonly Observation[] {
  if (note.kind === 'cancel_asked') return []
  const { workerUuid } = processing
  const { startedAt } = note
  const step = stepOf(note, processing)
  if (note.kind !== 'attempt_succeeded')
    return [{ execution, at: startedAt, kind: 'attempt_started', step, workerUuid }]
  const result = note.result && { ...note.result }
  return [{ execution, at: note.at, kind: 'step_succeeded', step, workerUuid, startedAt, result }]
}

function after(open: OpenAttempt, note: Note): OpenAttempt {
  if (note.kind === 'cancel_asked') return { ...open, cancel: { reason: note.reason } }
  if (note.kind === 'attempt_failed')
    return { ...open, failures: [...open.failures, note], hasSteps: true, hasFailed: true }
  return { ...open, hasSteps: true }
}

/** Which failures are decided now, and what is known of the attempt without them. */
interface Decision {
  readonly again: readonly FailedStep[]
  readonly givenUp: readonly FailedStep[]
  readonly open: OpenAttempt
}
