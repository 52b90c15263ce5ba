import { type Actor, instantText, isUuid, TrailError } from '@steptrail/event'
import { z } from 'zod'
import type { Database } from '../database/database.ts'
import type { Reader } from '../trail/compose.ts'
import { executionIdText } from '../trail/event-filter.ts'
import { recordAdministration } from '../trail/record-administration.ts'
import { checkedGivenBy, type GivenBy, nameInOrder, parseOrder } from './given-by.ts'

/** What is held. All that is given must be true of one event, and then its whole execution is held. */
export interface HoldMatch {
  readonly executionId?: string | undefined
  readonly correlationId?: string | undefined
  readonly workflow?: string | undefined
  /** Id of the actor who caused it. */
  readonly actor?: string | undefined
  /** From this instant, ISO 8601. */
  readonly from?: string | undefined
  /** Before this instant, ISO 8601. */
  readonly until?: string | undefined
  readonly tenant?: string | undefined
}

/** A standing order not to delete what matches. */
export interface Hold {
  readonly holdId: string
  readonly match: HoldMatch
  readonly reason: string
  readonly placedBy: Actor
  readonly placedAt: string
  /** Who released it, when and why; null while it stands. */
  readonly released: { readonly by: Actor; readonly reason: string; readonly at: string } | null
}

const name = nameInOrder.optional()
const instant = instantText('is no instant in ISO 8601').optional()
const matchSchema = z
  .strictObject({
    executionId: name.transform((id) => id && executionIdText(id)),
    correlationId: name,
    workflow: name,
    actor: name,
    from: instant,
    until: instant,
    tenant: name,
  })
  .refine((match) => Object.values(match).some((value) => value !== undefined), 'holds nothing: say what')
  .refine(
    ({ from, until }) => from === undefined || until === undefined || Date.parse(from) < Date.parse(until),
    'has a time range that ends before it begins',
  )

/**
 * Places a hold: nothing that matches is deleted, also what is recorded later, until the hold is released. Returns its
 * id. It waits for a run of retention that is just letting go of rows.
 *
 * @throws TrailError `invalid_input`, `reason_required`
 */
export async function placeHold(
  database: Pick<Database, 'transaction'>,
  match: HoldMatch,
  by: GivenBy,
): Promise<string> {
  const wanted = parseOrder('hold', match, matchSchema)
  const { actor, reason } = checkedGivenBy(by)
  // As the request is answered, of which earlier versions have noted the answer.
  const placed = await database.transaction(async (tx) => {
    const { rows } = await tx<{ hold_id: string }>(insertHold, [
      wanted.executionId ?? null,
      wanted.correlationId ?? null,
      wanted.workflow ?? null,
      wanted.actor ?? null,
      wanted.from ?? null,
      wanted.until ?? null,
      wanted.tenant ?? null,
      reason,
      actor.type,
      actor.id,
    ])
    const holdId = rows[0]?.hold_id ?? ''
    await recordAdministration(tx, {
      eventType: 'TRAIL_HOLD_PLACED',
      status: 'SUCCESS',
      actorType: actor.type,
      actorId: actor.id,
      reason,
      message: 'Hold placed',
      details: { holdId, match: wanted },
    })
    return { holdId }
  })
  return placed.holdId
}

/**
 * Releases a hold: a fact of its own, with who and why.
 *
 * @throws TrailError `hold_not_found` for one that there is not, or that has been released; `reason_required`
 */
export async function releaseHold(
  database: Pick<Database, 'transaction'>,
  holdId: string,
  by: GivenBy,
): Promise<void> {
  const { actor, reason } = checkedGivenBy(by)
  await database.transaction(async (tx) => {
    const { rows } = isUuid(holdId)
      ? await tx(insertRelease, [holdId, reason, actor.type, actor.id])
      : { rows: [] }
    if (rows.length === 0)
      throw new TrailError(
        'hold_not_found',
        `there is no hold ${holdId} that stands: \`steptrail hold list\` shows those that do`,
        { details: { holdId } },
      )
    await recordAdministration(tx, {
      eventType: 'TRAIL_HOLD_RELEASED',
      status: 'SUCCESS',
      actorType: actor.type,
      actorId: actor.id,
      reason,
      message: 'Hold released',
      details: { holdId },
    })
  })
}

/** Every hold, the latest first, those that were released among them. */
export async function listHolds({ query }: Reader): Promise<readonly Hold[]> {
  const { rows } = await query<HoldRow>(selectHolds)
  return rows.map(holdOf)
}

interface HoldRow {
  readonly hold_id: string
  readonly execution_id: string | null
  readonly correlation_id: string | null
  readonly workflow_name: string | null
  readonly actor_id: string | null
  readonly from_time: string | null
  readonly until_time: string | null
  readonly tenant: string | null
  readonly reason: string
  readonly placed_by_type: Actor['type']
  readonly placed_by_id: string
  readonly placed_at: string
  readonly release_reason: string | null
  readonly released_by_type: Actor['type'] | null
  readonly released_by_id: string | null
  readonly released_at: string | null
}

const holdOf = (row: HoldRow): Hold => ({
  holdId: row.hold_id,
  match: {
    ...(row.execution_id !== null && { executionId: row.execution_id }),
    ...(row.correlation_id !== null && { correlationId: row.correlation_id }),
    ...(row.workflow_name !== null && { workflow: row.workflow_name }),
    ...(row.actor_id !== null && { actor: row.actor_id }),
    ...(row.from_time !== null && { from: row.from_time }),
    ...(row.until_time !== null && { until: row.until_time }),
    ...(row.tenant !== null && { tenant: row.tenant }),
  },
  reason: row.reason,
  placedBy: { type: row.placed_by_type, id: row.placed_by_id },
  placedAt: row.placed_at,
  released:
    row.released_at === null || row.released_by_type === null || row.released_by_id === null
      ? null
      : {
          by: { type: row.released_by_type, id: row.released_by_id },
          reason: row.release_reason ?? '',
          at: row.released_at,
        },
})

const insertHold = `
insert into retention_hold (
  execution_id, correlation_id, workflow_name, actor_id, from_time, until_time, tenant, reason, placed_by_type,
  placed_by_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
returning hold_id`

const insertRelease = `
insert into retention_hold_release (hold_id, reason, released_by_type, released_by_id)
select hold_id, $2, $3, $4
from retention_hold
where hold_id = $1
on conflict do nothing
returning hold_id`

const selectHolds = `
select hold.*, release.reason as release_reason, release.released_by_type, release.released_by_id,
       release.released_at
from retention_hold as hold
left join retention_hold_release as release using (hold_id)
order by hold.placed_at desc, hold.hold_id desc`
