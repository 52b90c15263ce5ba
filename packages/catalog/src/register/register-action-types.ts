import { contentHash } from '../content/content-hash.ts'
import type { ActionType } from '../content/content-schema.ts'
import { type CatalogChange, recordCatalogChanges } from '../status/record-catalog-change.ts'
import type { RegisteredActionType } from './registered.ts'
import { registeredBy, type Registry } from './registry.ts'

/** Puts action types into the catalogue, and what that changes on record. */
export async function registerActionTypes(
  registry: Registry,
  actionTypes: readonly ActionType[],
): Promise<readonly RegisteredActionType[]> {
  if (actionTypes.length === 0) return []
  const { tx, tenant } = registry
  const { rows } = await tx<{ action_type: string; content: ActionType }>(selectActionTypes, [tenant])
  const known = new Map(rows.map(({ action_type, content }) => [action_type, content]))
  const outcomes: RegisteredActionType[] = []
  const changes: CatalogChange[] = []
  for (const given of actionTypes) {
    const before = known.get(given.actionType) ?? null
    const isSame = before !== null && contentHash(before) === contentHash(given)
    outcomes.push({
      actionType: given.actionType,
      outcome: isSame ? 'unchanged' : before ? 'changed' : 'registered',
    })
    if (isSame) continue
    known.set(given.actionType, given)
    await tx(upsertActionType, [tenant, JSON.stringify(given)])
    changes.push({
      ...registeredBy(registry),
      resource: { type: 'workflow_action_type', id: given.actionType },
      workflow: null,
      before,
      after: given,
      contentHash: contentHash(given),
    })
  }
  await recordCatalogChanges(tx, changes)
  return outcomes
}

const selectActionTypes = `
select
  action_type,
  json_build_object(
    'actionType', action_type,
    'what', what,
    'whenToUse', when_to_use,
    'whenNotToUse', when_not_to_use,
    'preconditions', preconditions,
    'status', status
  ) as content
from workflow_action_types
where tenant = $1`

const upsertActionType = `
insert into workflow_action_types
  (tenant, action_type, what, when_to_use, when_not_to_use, preconditions, status)
select $1, "actionType", what, "whenToUse", "whenNotToUse", preconditions, status
from json_to_record($2::text::json) as given(
  "actionType" text, what text, "whenToUse" text, "whenNotToUse" text, preconditions text, status text
)
on conflict (tenant, action_type) do update
set what = excluded.what,
    when_to_use = excluded.when_to_use,
    when_not_to_use = excluded.when_not_to_use,
    preconditions = excluded.preconditions,
    status = excluded.status,
    changed_at = date_trunc('milliseconds', now())`
