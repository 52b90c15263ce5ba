import { type DerivedEvent, digestOf, type Draft } from './derived-event.ts'
import { type ExecutionAudit, executionAuditJson, executionAuditOf } from './execution-audit.ts'
import type { DecisionEnvironment, Move } from './move.ts'
import { orchestrationDrafts } from './orchestration-events.ts'
import type { ExecutionSnapshot } from './snapshot.ts'
import { isEnded } from './states.ts'
import { adjustmentDraft, rejectionDraft, stepDrafts } from './step-events.ts'

/**
 * The events that follow from a move of this execution: pure, and the only place where a runtime event comes
 * from. Sequence numbers go on from the snapshot's; timestamps are `max(now, last + 1 ms)`.
 */
export function eventsOf(
  before: ExecutionSnapshot,
  move: Move,
  environment: DecisionEnvironment,
): readonly DerivedEvent[] {
  const first = Math.max(environment.now, (before.lastEventAt ?? 0) + 1)
  return drafts(before, move, environment).map((draft, position) => {
    const timestamp = first + position
    return {
      ...draft,
      executionSeq: before.nextSeq + position,
      timestamp,
      details: withNextAttempt(draft, timestamp),
    }
  })
}

/** The next attempt is due one back-off after the very instant that is on record for the retry. */
function withNextAttempt(draft: Draft, timestamp: number): Draft['details'] {
  const backoffMs = draft.details['backoffMs']
  if (draft.eventType !== 'STEP_RETRY_TRIGGERED' || typeof backoffMs !== 'number') return draft.details
  return { ...draft.details, nextAttemptAt: new Date(timestamp + backoffMs).toISOString() }
}

function drafts(before: ExecutionSnapshot, move: Move, environment: DecisionEnvironment): readonly Draft[] {
  switch (move.kind) {
    case 'adjustment':
      return [adjustmentDraft(before, move, environment)]
    case 'rejection':
      return [rejectionDraft(before, move)]
    case 'execution':
      return orchestrationDrafts(before, move, environment).map((draft) =>
        isEnded(move.to)
          ? withAuditDigest(draft, executionAuditOf(before, move.to, environment), environment)
          : draft,
      )
    case 'step':
      return stepDrafts(before, move, environment)
  }
}

/** The event that an execution ends with holds the digest of how it went. */
const withAuditDigest = (draft: Draft, audit: ExecutionAudit, environment: DecisionEnvironment): Draft => ({
  ...draft,
  details: { ...draft.details, auditDigest: digestOf(executionAuditJson(audit), environment) },
})
