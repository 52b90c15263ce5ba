import type { AuditDigest } from '@steptrail/core'
import type { RunRecord, RunVerdict } from '@steptrail/verify'

/**
 * An audit of how an execution went that is not the one of which the event of that end has the digest. What erasure took
 * of it cannot be compared any more, nor an audit of which no event tells, as other engines post them; one that is gone
 * is not missed, since retention takes audits by the month.
 */
export function alteredAudit(run: RunRecord, audits: readonly AuditDigest[]): RunVerdict | null {
  const isOfOthers = run.execution.engine !== 'steptrail'
  for (const { endedSeq, digest } of audits) {
    const event = run.events.find(({ execution_seq: seq }) => seq === endedSeq)
    if (event?.is_erased) continue
    const recorded = event?.details['auditDigest']
    if (recorded === digest || (recorded === undefined && isOfOthers)) continue
    const what = recorded === undefined ? 'has no digest of one' : 'has the digest of another'
    const problem = `the audit of its end ${endedSeq} is altered: event ${endedSeq} of the execution ${what}`
    const defect = { kind: 'run_incomplete', executionId: run.execution.execution_id, problem } as const
    return { ok: false, defect }
  }
  return null
}
