import { type Database, recordAdministration } from '@steptrail/core'
import { type Actor, actorProblem, reasonProblem, TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { builtInWeights, type ScoreWeights, type VersionedWeights, weightsSchema } from './weights.ts'

/** Who changes weights, and why: both stay on record. */
export interface WeightsSetBy {
  readonly actor: Actor
  readonly reason: string
  /** For whose catalogue. Default `default`. */
  readonly tenant?: string | undefined
}

/**
 * Sets what labels weigh from now on, under the next version; before and after are on record.
 *
 * @throws TrailError `invalid_input` naming the weight; `reason_required`
 */
export async function setWeights(
  database: Pick<Database, 'transaction'>,
  given: ScoreWeights,
  { actor, reason, tenant = 'default' }: WeightsSetBy,
): Promise<VersionedWeights> {
  const problem = actorProblem(actor) ?? reasonProblem(reason)
  if (problem !== null)
    throw new TrailError('reason_required', `the weights are refused: ${problem}. Nothing was changed.`)
  const weights = parseWeights(given)
  return await database.transaction(async (tx) => {
    await tx('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`steptrail catalog ${tenant}`])
    const { rows } = await tx<{ version: number; weights: Json }>(selectLast, [tenant])
    const before = rows[0] ?? builtInWeights
    const after = { version: before.version + 1, weights }
    await tx(insertWeights, [tenant, after.version, JSON.stringify(weights)])
    await recordAdministration(tx, {
      eventType: 'TRAIL_POLICY_CHANGED',
      status: 'SUCCESS',
      tenant,
      actorType: actor.type,
      actorId: actor.id,
      reason,
      message: `What labels weigh in the score of workflows: version ${after.version}`,
      resourceType: 'workflow_catalog_weights',
      resourceId: String(after.version),
      details: { before: { ...before }, after },
    })
    return after
  })
}

function parseWeights(given: unknown): ScoreWeights {
  const parsed = weightsSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = (issue?.path ?? []).map(String).join('.')
  throw new TrailError(
    'invalid_input',
    `the weights are refused: ${path} ${issue?.message ?? 'is malformed'}. Nothing was changed.`,
    { details: { path } },
  )
}

const selectLast = `
select weights_version as version, weights
from workflow_catalog_weights
where tenant = $1
order by weights_version desc
limit 1`

const insertWeights = `
insert into workflow_catalog_weights (tenant, weights_version, weights)
values ($1, $2, $3::text::jsonb)`
