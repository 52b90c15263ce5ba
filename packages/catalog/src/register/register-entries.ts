import type { Database, Query } from '@steptrail/core'
import type { Actor } from '@steptrail/event'
import { TrailError } from '@steptrail/event'
import { contentHash, workflowIdOf } from '../content/content-hash.ts'
import type { ActionType, WorkflowContent } from '../content/content-schema.ts'
import { RefusedContent } from '../content/refused-content.ts'
import { type CatalogChange, recordCatalogChanges } from '../status/record-catalog-change.ts'
import { activate } from '../status/activate.ts'
import { type CatalogEntries, type CheckedEntries, checkEntries } from './check-entries.ts'

/** Who registers, and in whose catalogue. */
export interface RegisteredBy {
  readonly actor: Actor
  /** Default `default`. */
  readonly tenant?: string | undefined
  /** Default: that it was registered. */
  readonly reason?: string | undefined
}

/** What became of one workflow. */
export interface RegisteredWorkflow {
  readonly workflowId: string
  readonly workflowName: string
  readonly version: string
  readonly contentHash: string
  /** `unchanged`: it was registered with the same content before, and nothing was changed. */
  readonly outcome: 'registered' | 'unchanged'
  /** The versions that are no longer offered for it. */
  readonly superseded: readonly string[]
}

/** What became of one action type. */
export interface RegisteredActionType {
  readonly actionType: string
  readonly outcome: 'registered' | 'changed' | 'unchanged'
}

/** What became of them all. */
export interface Registered {
  readonly actionTypes: readonly RegisteredActionType[]
  readonly workflows: readonly RegisteredWorkflow[]
}

/**
 * Puts action types and workflows into the catalogue, all of them or none, and what that changes on record. A version
 * that is registered with the same content stays as it is. A new version is offered from now on, and those before it no
 * more; of several new versions of one workflow the highest is.
 *
 * @throws TrailError `invalid_catalog_entry` naming entry, field and value: a field that is missing, unknown or
 *   malformed, parameters that are no JSON Schema, an action type that is not registered; `definition_conflict` when a
 *   version is registered with other content
 */
export async function registerEntries(
  database: Pick<Database, 'transaction'>,
  entries: CatalogEntries,
  by: RegisteredBy,
): Promise<Registered> {
  return await registerChecked(database, checkEntries(entries), by)
}

/** What `registerEntries` does with entries that were checked. */
export async function registerChecked(
  database: Pick<Database, 'transaction'>,
  { actionTypes, workflows }: CheckedEntries,
  by: RegisteredBy,
): Promise<Registered> {
  return await database.transaction(async (tx) => {
    const { tenant = 'default' } = by
    await tx('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`steptrail catalog ${tenant}`])
    const registry = { tx, tenant, by }
    const registeredActions = await registerActionTypes(registry, actionTypes)
    return { actionTypes: registeredActions, workflows: await registerWorkflows(registry, workflows) }
  })
}

interface Registry {
  readonly tx: Query
  readonly tenant: string
  readonly by: RegisteredBy
}

const registeredBy = ({ tenant, by: { actor, reason } }: Registry) =>
  ({ eventType: 'workflow.catalog.registered', actor, reason: reason ?? null, tenant }) as const

async function registerActionTypes(
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

async function registerWorkflows(
  registry: Registry,
  contents: readonly WorkflowContent[],
): Promise<readonly RegisteredWorkflow[]> {
  if (contents.length === 0) return []
  await requireActionTypes(registry, contents)
  const known = await knownVersions(registry, contents)
  const outcomes = new Map<WorkflowContent, RegisteredWorkflow>()
  const fresh: Offer[] = []
  for (const [index, content] of contents.entries()) {
    const hash = contentHash(content)
    const key = versionKey(content.workflowName, content.version)
    const before = known.get(key)
    if (before !== undefined && before !== hash)
      throw otherContent(content, { index, registered: before, given: hash })
    const { workflowName, version } = content
    const workflowId = workflowIdOf(hash)
    const outcome = before === undefined ? 'registered' : 'unchanged'
    outcomes.set(content, { workflowId, workflowName, version, contentHash: hash, outcome, superseded: [] })
    if (before === undefined) fresh.push({ content, hash, workflowId })
    known.set(key, hash)
  }
  for (const [first, superseded] of await offer(registry, fresh)) {
    const outcome = outcomes.get(first)
    if (outcome) outcomes.set(first, { ...outcome, superseded })
  }
  return contents.flatMap((content) => outcomes.get(content) ?? [])
}

interface Offer {
  readonly content: WorkflowContent
  readonly hash: string
  readonly workflowId: string
}

/** Writes new versions, and offers the highest of each workflow in place of what was offered. */
async function offer(
  registry: Registry,
  fresh: readonly Offer[],
): Promise<ReadonlyMap<WorkflowContent, readonly string[]>> {
  const superseded = new Map<WorkflowContent, readonly string[]>()
  if (fresh.length === 0) return superseded
  const { tx, tenant, by } = registry
  const inOrder = fresh.toSorted((a, b) => byVersion.compare(a.content.version, b.content.version))
  const rows = inOrder.map(({ content, hash, workflowId }) => ({ ...content, workflowId, contentHash: hash }))
  await tx(insertWorkflows, [tenant, JSON.stringify(rows)])
  await recordCatalogChanges(
    tx,
    inOrder.map(({ content, hash, workflowId }) => ({
      ...registeredBy(registry),
      resource: { type: 'workflow_catalog', id: workflowId },
      workflow: content,
      before: null,
      after: withoutDefinition(content),
      contentHash: hash,
    })),
  )
  const newest = new Map(inOrder.map((one) => [one.content.workflowName, one]))
  const before = await activate(
    tx,
    { tenant, actor: by.actor, reason: null },
    [...newest.values()].map(({ workflowId }) => workflowId),
  )
  for (const { content, workflowId } of newest.values()) superseded.set(content, before.get(workflowId) ?? [])
  return superseded
}

/** What is executed may be large, and is what the hash stands for. */
const withoutDefinition = ({ definition: _, ...content }: WorkflowContent): object => content

/** `1.10.0` after `1.9.0`. */
const byVersion = new Intl.Collator('en', { numeric: true })

const versionKey = (workflowName: string, version: string): string => JSON.stringify([workflowName, version])

async function requireActionTypes(
  { tx, tenant }: Registry,
  contents: readonly WorkflowContent[],
): Promise<void> {
  const { rows } = await tx<{ action_type: string }>(selectActionTypes, [tenant])
  const known = new Set(rows.map(({ action_type }) => action_type))
  const index = contents.findIndex(({ actionType }) => !known.has(actionType))
  const unknown = contents[index]
  if (!unknown) return
  const names = [...known].toSorted().join(', ')
  throw new RefusedContent({
    what: `workflows[${index}]`,
    index,
    path: ['actionType'],
    value: unknown.actionType,
    problem: `is no action type of the catalogue: register it with the workflow, or take ${names ? `one of ${names.slice(0, 500)}` : 'one that is (there is none yet)'}`,
  })
}

async function knownVersions(
  { tx, tenant }: Registry,
  contents: readonly WorkflowContent[],
): Promise<Map<string, string>> {
  const names = [...new Set(contents.map(({ workflowName }) => workflowName))]
  const { rows } = await tx<{ workflow_name: string; version: string; content_hash: string }>(
    selectVersions,
    [tenant, names],
  )
  return new Map(
    rows.map(({ workflow_name, version, content_hash }) => [
      versionKey(workflow_name, version),
      content_hash,
    ]),
  )
}

interface OtherContent {
  readonly index: number
  readonly registered: string
  readonly given: string
}

const otherContent = (
  { workflowName, version }: WorkflowContent,
  { index, registered, given }: OtherContent,
): TrailError =>
  new TrailError(
    'definition_conflict',
    `workflow ${workflowName} ${version} is in the catalogue with other content (${registered.slice(0, 19)}, this is ${given.slice(0, 19)}): give what has changed a new version. Nothing was registered.`,
    { details: { workflowName, version, registered, given, index } },
  )

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

const selectVersions = `
select workflow_name, version, content_hash
from workflow_catalog
where tenant = $1
  and workflow_name = any($2::text[])`

/** Not offered yet: `activate` does that. */
const insertWorkflows = `
insert into workflow_catalog (
  tenant, workflow_id, workflow_name, version, action_type, title, description, labels, custom_labels,
  detected_labels, parameters, owner, maintainer, status, disabled_reason, previous_version, version_notes,
  approved_by, approved_at, expected_success_rate, content_hash, definition
)
select
  $1, "workflowId", "workflowName", version, "actionType", title, description, labels, "customLabels",
  "detectedLabels", parameters, owner, maintainer, 'deprecated', 'a higher version was registered with it',
  "previousVersion", "versionNotes", "approvedBy", "approvedAt", "expectedSuccessRate", "contentHash", definition
from json_to_recordset($2::text::json) as given(
  "workflowId" uuid, "workflowName" text, version text, "actionType" text, title text, description text,
  labels jsonb, "customLabels" jsonb, "detectedLabels" jsonb, parameters jsonb, owner text, maintainer text,
  "previousVersion" text, "versionNotes" text, "approvedBy" text, "approvedAt" timestamptz,
  "expectedSuccessRate" float8, "contentHash" text, definition jsonb
)`
