import { TrailError } from '@steptrail/event'
import { contentHash, workflowIdOf } from '../content/content-hash.ts'
import type { WorkflowContent } from '../content/content-schema.ts'
import { RefusedContent } from '../content/refused-content.ts'
import { activate } from '../status/activate.ts'
import { recordCatalogChanges } from '../status/record-catalog-change.ts'
import type { RegisteredWorkflow } from './registered.ts'
import { registeredBy, type Registry } from './registry.ts'

/** Puts versions of workflows into the catalogue, offers the highest of each, and puts what that changes on record. */
export async function registerWorkflows(
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
  const { rows } = await tx<{ action_type: string }>(selectNames, [tenant])
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

const selectNames = `
select action_type
from workflow_action_types
where tenant = $1`

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
