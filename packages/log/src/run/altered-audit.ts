import type { AuditDigest } from '@steptrail/core'
import type { RunRecord, RunVerdict } from '@steptrail/verify'

/**
 * An audit of how an execution went that is not the one of which the event of that end has the digest. What erasure took
 * of it cannot be compared any more, nor an audit of which no event tells, as other engines post them.
 */
export function alteredAudit(run: RunRecord, audits: readonly AuditDigest[]): RunVerdict | null {
  const isOfOthers = run.execution.engine !== 'steptrail'
  for (const { endedSeq, digest } of audits) {
    const event = run.events.find(({ execution_seq: seq }) => seq === endedSeq)
    if (event?.is_erased) continue
    const recorded = event?.details['auditDigest']
    if (recorded === digest || (recorded === undefined && isOfOthers)) continue
    const what = recorded === undefined ? 'has no digest of one' : 'has the digest of another'
    return incomplete(
      run,
      `the audit of its end ${endedSeq} is altered: event ${endedSeq} of the execution ${what}`,
    )
  }
  const [missing] = endsWithoutAudit(run, audits)
  return missing === undefined ? null : incomplete(run, `the audit of its end ${missing} is gone`)
}

/** The numbers of the events that tell of an audit which is not among these. */
export function endsWithoutAudit(run: RunRecord, audits: readonly AuditDigest[]): readonly number[] {
  const stored = new Set(audits.map(({ endedSeq }) => endedSeq))
  return run.events.flatMap(({ execution_seq: seq, is_erased: isErased, details }) =>
    seq === null || isErased || details['auditDigest'] === undefined || stored.has(seq) ? [] : [seq],
  )
}

function incomplete(run: RunRecord, problem: string): RunVerdict {
  return {
    ok: false,
    defect: { kind: 'run_incomplete', executionId: run.execution.execution_id, problem },
  }
}
