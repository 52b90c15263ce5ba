import { entityTypes } from '@steptrail/event'
import { z } from 'zod'
import type { Database } from '../database/database.ts'
import type { Reader } from '../trail/compose.ts'
import { recordAdministration } from '../trail/record-administration.ts'
import { checkedGivenBy, type GivenBy, nameInOrder, parseOrder } from './given-by.ts'

/** What a policy is about. Executions are matched by workflow and tenant; the rest is for events outside of them. */
export interface RetentionMatch {
  readonly workflow?: string | undefined
  readonly tenant?: string | undefined
  readonly entityType?: (typeof entityTypes)[number] | undefined
  readonly eventType?: string | undefined
}

/** How long what matches is kept; of several policies that match, the longest holds. */
export interface RetentionPolicy {
  readonly match: RetentionMatch
  /** 1 to 36,500 days, and until the month is over that they end in. */
  readonly keepDays: number
}

/** How long is kept what no policy matches. */
export const defaultKeepDays = 90

const name = nameInOrder.optional()
const matchSchema = z.strictObject({
  workflow: name,
  tenant: name,
  entityType: z.enum(entityTypes, `is none of ${entityTypes.join(', ')}`).optional(),
  eventType: name,
})
const policySchema = z.strictObject({
  match: matchSchema,
  keepDays: z.int('is not a whole number').min(1, 'is less than 1').max(36_500, 'is more than 36500'),
})

/** Every policy. */
export async function listRetentionPolicies({ query }: Reader): Promise<readonly RetentionPolicy[]> {
  const { rows } = await query<PolicyRow>(
    `select workflow_name, tenant, entity_type, event_type, keep_days
    from retention_policy
    order by workflow_name nulls first, tenant nulls first, entity_type nulls first, event_type nulls first`,
  )
  return rows.map(policyOf)
}

/**
 * Sets the policy for what it matches, in place of the one there was; both are on record.
 *
 * @throws TrailError `invalid_input`, `reason_required`
 */
export async function setRetentionPolicy(
  database: Pick<Database, 'transaction'>,
  policy: RetentionPolicy,
  by: GivenBy,
): Promise<void> {
  const { match, keepDays } = parseOrder('policy', policy, policySchema)
  await change(database, { match, after: { match, keepDays } }, by)
}

/**
 * Removes the policy for exactly this. Returns false where there is none.
 *
 * @throws TrailError `invalid_input`, `reason_required`
 */
export async function removeRetentionPolicy(
  database: Pick<Database, 'transaction'>,
  match: RetentionMatch,
  by: GivenBy,
): Promise<boolean> {
  return await change(database, { match: parseOrder('policy', match, matchSchema), after: null }, by)
}

interface Change {
  readonly match: RetentionMatch
  readonly after: RetentionPolicy | null
}

async function change(
  database: Pick<Database, 'transaction'>,
  { match, after }: Change,
  by: GivenBy,
): Promise<boolean> {
  const { actor, reason } = checkedGivenBy(by)
  const values = [
    match.workflow ?? null,
    match.tenant ?? null,
    match.entityType ?? null,
    match.eventType ?? null,
  ]
  return await database.transaction(async (tx) => {
    const { rows } = await tx<PolicyRow>(deletePolicy, values)
    const before = rows[0] ? policyOf(rows[0]) : null
    if (after) await tx(insertPolicy, [...values, after.keepDays])
    if (!before && !after) return false
    await recordAdministration(tx, {
      eventType: 'TRAIL_POLICY_CHANGED',
      status: 'SUCCESS',
      actorType: actor.type,
      actorId: actor.id,
      reason,
      message: after ? `Kept for ${after.keepDays} days` : 'Policy removed',
      details: { before: jsonOf(before), after: jsonOf(after) },
    })
    return true
  })
}

const jsonOf = (policy: RetentionPolicy | null) =>
  policy && { match: { ...policy.match }, keepDays: policy.keepDays }

interface PolicyRow {
  readonly workflow_name: string | null
  readonly tenant: string | null
  readonly entity_type: (typeof entityTypes)[number] | null
  readonly event_type: string | null
  readonly keep_days: number
}

const policyOf = (row: PolicyRow): RetentionPolicy => ({
  match: {
    ...(row.workflow_name !== null && { workflow: row.workflow_name }),
    ...(row.tenant !== null && { tenant: row.tenant }),
    ...(row.entity_type !== null && { entityType: row.entity_type }),
    ...(row.event_type !== null && { eventType: row.event_type }),
  },
  keepDays: row.keep_days,
})

const deletePolicy = `
delete from retention_policy
where workflow_name is not distinct from $1
  and tenant is not distinct from $2
  and entity_type is not distinct from $3
  and event_type is not distinct from $4
returning workflow_name, tenant, entity_type, event_type, keep_days`

const insertPolicy = `
insert into retention_policy (workflow_name, tenant, entity_type, event_type, keep_days)
values ($1, $2, $3, $4, $5)`
