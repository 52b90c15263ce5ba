import type { Database } from '@steptrail/core'
import { type Actor, isUuid, TrailError } from '@steptrail/event'
import { proveInclusion } from '../read/read-log.ts'
import { notReached } from './not-reached.ts'

/** What was erased, by whom and why, with the proof that the erasure itself is in the log. */
export interface ErasureCertificate {
  /** The event TRAIL_ERASED. */
  readonly erasureId: string
  readonly erasedAt: string
  readonly actor: Actor
  readonly approvedBy: Actor | null
  readonly reason: string
  /** Events whose body is gone, and the digest that the event of the erasure has of their ids. */
  readonly events: number
  readonly digest: string
  /** Executions whose input, output and identity of the caller are gone. */
  readonly executions: readonly string[]
  readonly transitions: number
  readonly steps: number
  /** What the database still may have, and what is beyond its reach. */
  readonly notReached: readonly string[]
  /** A C2SP tlog-proof of the erasure. */
  readonly proof: string
}

/**
 * The certificate of an erasure, made anew from what is on record: for one that was lost, or never written since the
 * program was killed. It is the same as the first, but for the proof, which may be of a newer checkpoint, and for
 * executions, transitions and steps that retention has let go of, or that were erased again, since.
 *
 * @throws TrailError `erasure_not_found`; `event_not_sealed`
 */
export async function erasureCertificate(database: Database, erasureId: string): Promise<ErasureCertificate> {
  const { rows } = isUuid(erasureId)
    ? await database.query<ErasureRow>(selectErasure, [erasureId])
    : { rows: [] }
  const [row] = rows
  if (!row)
    throw new TrailError(
      'erasure_not_found',
      `nothing was erased under the id ${JSON.stringify(erasureId)}`,
      {
        details: { erasureId },
      },
    )
  const { proof } = await proveInclusion(database, row.erasure_id)
  return {
    erasureId: row.erasure_id,
    erasedAt: row.erased_at,
    actor: { type: row.actor_type, id: row.actor_id },
    approvedBy: row.approved_by,
    reason: row.reason,
    events: row.events,
    digest: row.digest,
    executions: row.executions,
    transitions: row.transitions,
    steps: row.steps,
    notReached,
    proof,
  }
}

/** Erased transitions are of executions whose events were erased with them, which makes them quick to find. */
const selectErasure = `
select
  erasure.id as erasure_id,
  erasure."timestamp" as erased_at,
  erasure.actor_type,
  erasure.actor_id,
  erasure.details -> 'approvedBy' as approved_by,
  erasure.reason,
  (erasure.details ->> 'eventCount')::float8 as events,
  erasure.details ->> 'digest' as digest,
  reached.executions,
  reached.transitions,
  (select count(*)::float8 from workflow_steps where execution_id = any(reached.executions::uuid[])) as steps
from audit_event as erasure
cross join lateral (
  select
    coalesce(array_agg(distinct transition.execution_id::text), '{}') as executions,
    count(*)::float8 as transitions
  from workflow_step_transitions as transition
  where transition.execution_id in (
      select execution.execution_id
      from log_erasures as erased
      join audit_event as event on event.id = erased.event_id
      join workflow_executions as execution on execution.execution_id::text = event.execution_id
      where erased.erasure_id = erasure.id
    )
    and transition.metadata ->> 'erased_by' = erasure.id::text
) as reached
where erasure.id = $1
  and erasure.event_type = 'TRAIL_ERASED'`

interface ErasureRow {
  readonly erasure_id: string
  readonly erased_at: string
  readonly actor_type: Actor['type']
  readonly actor_id: string
  readonly approved_by: Actor | null
  readonly reason: string
  readonly events: number
  readonly digest: string
  readonly executions: readonly string[]
  readonly transitions: number
  readonly steps: number
}
