import type { Observation } from '@steptrail/core'
import { decided, keyOf, stepOf } from './decided.ts'
import type { OpenAttempt } from './open-attempt.ts'
import type { NotedBody, Note } from './outbox.ts'

/** What was noted of an attempt means this, and leaves this known of it. */
export function meaningOfNotes(
  execution: string,
  before: OpenAttempt | null,
  { notes, ...processing }: NotedBody,
): { readonly observations: readonly Observation[]; readonly open: OpenAttempt } {
  const observations: Observation[] = []
  let open: OpenAttempt = before
    ? { ...before, processing }
    : { processing, failure: null, hasSteps: false, hasFailed: false }
  for (const note of notes) {
    observations.push(...decidedBy(execution, open, note), ...told(execution, open, note))
    open = after(open, note)
  }
  return { observations, open }
}

/** The processor went on after a step had failed: with the same step, or without it. */
function decidedBy(execution: string, open: OpenAttempt, next: Note): readonly Observation[] {
  if (next.kind === 'cancel_asked' || !open.failure) return []
  return decided(execution, open, keyOf(open.failure) === keyOf(next) ? 0 : null)
}

/** What a note tells; a failure waits for what comes next. */
function told(execution: string, { processing }: OpenAttempt, note: Note): readonly Observation[] {
  if (note.kind === 'cancel_asked' || note.kind === 'attempt_failed') return []
  const { workerUuid } = processing
  const { startedAt } = note
  const step = stepOf(note, processing)
  if (note.kind === 'attempt_started')
    return [{ execution, at: startedAt, kind: note.kind, step, workerUuid }]
  const result = note.result && { ...note.result }
  return [{ execution, at: note.at, kind: 'step_succeeded', step, workerUuid, startedAt, result }]
}

function after(open: OpenAttempt, note: Note): OpenAttempt {
  if (note.kind === 'cancel_asked') return { ...open, cancel: { reason: note.reason } }
  if (note.kind === 'attempt_failed') return { ...open, failure: note, hasSteps: true, hasFailed: true }
  return { ...open, failure: null, hasSteps: true }
}
