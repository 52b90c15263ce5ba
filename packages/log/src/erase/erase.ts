import { type Database, type Query } from '@steptrail/core'
import { type Actor, type Clock, isUuid, systemClock, TrailError } from '@steptrail/event'
import { commitmentsOf } from '@steptrail/verify'
import { nodeSha256 } from '../key/node-sha256.ts'
import type { SigningKey } from '../key/signing-key.ts'
import type { OutsideMemory } from '../memory/outside-memory.ts'
import { leafColumns, type LeafRow, recordOf } from '../read/leaf-row.ts'
import { proveInclusion } from '../read/read-log.ts'
import { recordOfTrail } from '../seal/begin-log.ts'
import { seal } from '../seal/sealer.ts'
import { digestOfErased } from '../verify/erasure-defect.ts'
import type { ErasureCertificate } from './erasure-certificate.ts'
import { nameWhatIsLeft, type WhichExecutions } from './name-what-is-left.ts'
import { notReached } from './not-reached.ts'

/** Whose data is to go: what names an execution, a correlation id or an actor; or single events. */
export type ErasureMatch =
  | { readonly executionId: string }
  | { readonly correlationId: string }
  | { readonly subject: Actor }
  | { readonly eventIds: readonly string[] }

/** Who erases what, and why. */
export interface EraseOptions {
  readonly match: ErasureMatch
  readonly actor: Actor
  readonly reason: string
  /** The second person who agreed. */
  readonly approvedBy?: Actor | undefined
  readonly key: SigningKey
  readonly memory: OutsideMemory
  readonly clock?: Clock | undefined
  /** Makes the transaction in which it is erased, which gives JSON; the database unless given. */
  readonly writer?: Pick<Database, 'transaction'> | undefined
}

/**
 * Erases what matches, for good: of events the body, of executions what they took, gave and were told. Envelopes stay,
 * and every proof stays valid. What is not sealed yet is sealed first, and the erasure is an event that is sealed, too.
 *
 * What is held is not erased, nor anything of its execution. One erasure at a time: another waits, and finds what is left.
 *
 * Where the roles are set up, whoever erases is a member of `steptrail_admin`.
 *
 * @throws TrailError `reason_required` without a reason; `invalid_input` when nothing matches; `hold_stands`; what `seal`
 *   throws
 */
export async function erase(database: Database, options: EraseOptions): Promise<ErasureCertificate> {
  const { actor, reason, approvedBy, clock = systemClock, writer = database, ...sealing } = options
  if (reason.trim() === '')
    throw new TrailError('reason_required', 'nothing is erased without a reason: say which')
  if (approvedBy && approvedBy.type === actor.type && approvedBy.id === actor.id)
    throw new TrailError(
      'reason_required',
      `${actor.type}:${actor.id} cannot agree to what they order: name a second person`,
    )
  requireIds(options.match)
  await database.transaction((tx) => nameWhatIsLeft(tx, executionsOf(options.match), actor))
  await seal(database, { ...sealing, clock })
  const erased = await writer.transaction((tx) => eraseIn(tx, { ...options, clock }))
  await seal(database, { ...sealing, clock })
  const { proof } = await proveInclusion(database, erased.erasureId)
  return { ...erased, proof }
}

function requireIds(match: ErasureMatch): void {
  const wrong = 'eventIds' in match ? match.eventIds.find((id) => !isUuid(id)) : undefined
  if (wrong !== undefined)
    throw new TrailError('invalid_input', `${JSON.stringify(wrong)} is no id of an event: give a UUID`)
}

async function eraseIn(
  tx: Query,
  { match, actor, reason, approvedBy, clock }: EraseOptions & { readonly clock: Clock },
): Promise<Omit<ErasureCertificate, 'proof'>> {
  const condition = conditionOf(match)
  // Who places a hold meanwhile waits, and finds what is left.
  await tx('select retention_keep_rules()')
  // Nobody is granted a change of an event, so its row cannot be locked by whoever erases.
  await tx(`select pg_advisory_xact_lock(hashtextextended('steptrail erasure ' || current_schema(), 0))`)
  const rows = (await tx<LeafRow>(`${selectMatching} and ${condition.events} order by id`, condition.values))
    .rows
  const executions = (
    await tx<{ id: string }>(`${selectExecutions} ${condition.executions}`, condition.values)
  ).rows
  if (rows.length === 0)
    throw new TrailError(
      'invalid_input',
      'no event matches that is not erased already: look with `steptrail events`',
    )
  const ids = rows.map(({ id }) => id)
  await requireNotHeld(tx, ids, [
    ...rows.map(({ execution_id: id }) => id),
    ...executions.map(({ id }) => id),
  ])
  const digest = digestOfErased(ids)
  const nowMs = clock.now()
  const erasureId = await recordOfTrail(tx, {
    eventType: 'TRAIL_ERASED',
    actor,
    reason,
    nowMs,
    details: { eventCount: ids.length, digest, ...(approvedBy && { approvedBy: { ...approvedBy } }) },
  })
  const bodies = rows.map((row) => ({ id: row.id, hash: commitmentsOf(recordOf(row), nodeSha256).body }))
  const executionIds = executions.map(({ id }) => id)
  const { rows: counts } = await tx<{ reached: Reached }>(
    'select erase_bodies($1, $2::text::jsonb, $3::text[]::uuid[]) as reached',
    [erasureId, JSON.stringify(bodies), executionIds],
  )
  const reached = counts[0]?.reached ?? { events: 0, transitions: 0, steps: 0 }
  const erasedAt = new Date(nowMs).toISOString()
  const about = { erasureId, erasedAt, actor, approvedBy: approvedBy ?? null, reason, digest, notReached }
  return { ...about, ...reached, executions: executionIds }
}

/** All that a hold names must be true of one event, and then its whole execution is held. */
async function requireNotHeld(
  tx: Query,
  ids: readonly string[],
  executions: readonly (string | number | null)[],
): Promise<void> {
  const { rows } = await tx<{ id: string; execution_id: string | null }>(
    `select id, execution_id
    from audit_event
    where (id = any($1::text[]::uuid[]) or execution_id = any($2::text[]))
      and retention_holds(execution_id, correlation_id, workflow_name, actor_id, "timestamp", tenant)
    order by id
    limit 1`,
    [ids, [...new Set(executions.filter((id) => id !== null))]],
  )
  const [held] = rows
  if (!held) return
  const what =
    held.execution_id === null
      ? `event ${held.id}`
      : `execution ${held.execution_id}, by its event ${held.id},`
  throw new TrailError('hold_stands', `${what} is held, so nothing was erased`, {
    details: { eventId: held.id, executionId: held.execution_id },
  })
}

interface Reached {
  readonly events: number
  readonly transitions: number
  readonly steps: number
}

/** What concerns the trail itself stays: who erased is not erased. */
const selectMatching = `
select ${leafColumns}
from audit_event
where entity_type <> 'TRAIL'
  and not exists (select from log_erasures as erasure where erasure.event_id = audit_event.id)`

const selectExecutions = 'select execution_id::text as id from workflow_executions where'

const executionsOf = (match: ErasureMatch): WhichExecutions => {
  const { executions, values } = conditionOf(match)
  return { condition: executions, values }
}

interface Condition {
  readonly events: string
  readonly executions: string
  readonly values: readonly unknown[]
}

function conditionOf(match: ErasureMatch): Condition {
  if ('executionId' in match)
    return {
      events: 'execution_id = $1',
      executions: 'execution_id::text = $1',
      values: [match.executionId.toLowerCase()],
    }
  if ('correlationId' in match)
    return { events: 'correlation_id = $1', executions: 'correlation_id = $1', values: [match.correlationId] }
  if ('subject' in match) {
    const both = 'actor_type = $1 and actor_id = $2'
    return { events: both, executions: both, values: [match.subject.type, match.subject.id] }
  }
  return {
    events: 'id = any($1::text[]::uuid[])',
    executions: 'false and $1::text[] is null',
    values: [match.eventIds],
  }
}
