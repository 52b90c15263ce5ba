import { hash } from 'node:crypto'
import { TrailError } from '@steptrail/event'
import { definitionHash, type WorkflowDefinition } from '@steptrail/workflow'
import type { Query } from '../database/database.ts'

/** Definitions by their hash. They never change, so whoever needs them often keeps one of these. */
export type DefinitionCache = Map<string, WorkflowDefinition>

/** SHA-256 of a text, in hex. */
export const sha256 = (text: string): string => hash('sha256', text)

/** Reads the definitions of these hashes into the cache, those that it has not. */
export async function loadDefinitions(
  query: Query,
  hashes: readonly string[],
  cache: DefinitionCache,
): Promise<void> {
  const missing = [...new Set(hashes)].filter((each) => !cache.has(each))
  if (missing.length === 0) return
  const { rows } = await query<{ definition_hash: string; definition: WorkflowDefinition }>(
    selectDefinitions,
    [missing],
  )
  for (const row of rows) cache.set(row.definition_hash, row.definition)
}

/**
 * Stores definitions that are new, and gives their hashes in the order given. A name and version stand for one
 * content for ever.
 *
 * @throws TrailError `definition_conflict` when the name and version are registered with other content
 */
export async function registerDefinitions(
  query: Query,
  definitions: readonly WorkflowDefinition[],
): Promise<readonly string[]> {
  const rows = rowsOf(definitions)
  await query(insertDefinitions, [JSON.stringify(rows)])
  requireSame(rows, await registeredAs(query, rows))
  return rows.map((row) => row.definition_hash)
}

/**
 * Makes sure that definitions are registered, for who may not register any.
 *
 * @throws TrailError `unknown_workflow`; `definition_conflict` when one is registered with other content
 */
export async function requireDefinitions(
  query: Query,
  definitions: readonly WorkflowDefinition[],
): Promise<void> {
  const rows = rowsOf(definitions)
  const registered = await registeredAs(query, rows)
  const missing = rows.find((row) => !registered.some((found) => isSameVersion(found, row)))
  if (missing) {
    const { workflow_name: name, workflow_version: version } = missing
    throw new TrailError(
      'unknown_workflow',
      `Workflow ${name} ${version} is not registered, and a worker of one tenant registers none: let a worker that is for every tenant register it first`,
      { details: { name, version } },
    )
  }
  requireSame(rows, registered)
}

const rowsOf = (definitions: readonly WorkflowDefinition[]) =>
  definitions.map((definition) => ({
    definition_hash: definitionHash(definition, sha256),
    workflow_name: definition.name,
    workflow_version: definition.version,
    definition,
  }))

async function registeredAs(query: Query, rows: readonly RegisteredRow[]): Promise<readonly RegisteredRow[]> {
  return (await query<RegisteredRow>(selectRegistered, [JSON.stringify(rows)])).rows
}

type NamedVersion = Pick<RegisteredRow, 'workflow_name' | 'workflow_version'>

const isSameVersion = (one: NamedVersion, other: NamedVersion): boolean =>
  one.workflow_name === other.workflow_name && one.workflow_version === other.workflow_version

function requireSame(rows: readonly RegisteredRow[], registered: readonly RegisteredRow[]): void {
  for (const row of rows) {
    const other = registered.find((found) => isSameVersion(found, row))
    if (other?.definition_hash === row.definition_hash) continue
    throw new TrailError(
      'definition_conflict',
      `Workflow ${row.workflow_name} ${row.workflow_version} is registered with other content (${other?.definition_hash.slice(0, 12) ?? 'none'}, this is ${row.definition_hash.slice(0, 12)}). Give the changed workflow a new version.`,
      {
        details: {
          workflowName: row.workflow_name,
          workflowVersion: row.workflow_version,
          registered: other?.definition_hash ?? null,
          given: row.definition_hash,
        },
      },
    )
  }
}

/** Which definition is meant, and to whom it is told when there is none. */
export interface WantedDefinition {
  readonly name: string
  /** Default: the version registered last. */
  readonly version?: string | undefined
  /** The error names those there are. Default: true; false for who is of one tenant, since they may be those of others. */
  readonly namesOthers?: boolean
}

/**
 * The definition registered under this name.
 *
 * @throws TrailError `unknown_workflow`
 */
export async function getDefinition(query: Query, wanted: WantedDefinition): Promise<WorkflowDefinition> {
  const { name, version = null, namesOthers = true } = wanted
  const { rows } = await query<{ definition: WorkflowDefinition }>(selectByName, [name, version])
  if (rows[0]) return rows[0].definition
  const registered = namesOthers ? await registeredNames(query) : undefined
  throw new TrailError(
    'unknown_workflow',
    `No workflow ${name}${version === null ? '' : ` ${version}`} is registered${whatToDo(registered)}`,
    { details: { name, version, ...(registered && { registered }) } },
  )
}

async function registeredNames(query: Query): Promise<readonly string[]> {
  const { rows } = await query<{ workflow_name: string }>(selectNames, [])
  return rows.map((row) => row.workflow_name)
}

function whatToDo(registered: readonly string[] | undefined): string {
  if (registered === undefined) return ': check its name and version'
  if (registered.length > 0) return `. Registered: ${registered.join(', ')}.`
  return '. None is yet: a worker registers what it implements when it starts.'
}

interface RegisteredRow {
  readonly workflow_name: string
  readonly workflow_version: string
  readonly definition_hash: string
}

const selectDefinitions = `
select definition_hash, definition
from workflow_definitions
where definition_hash = any($1::text[])`

const insertDefinitions = `
insert into workflow_definitions (definition_hash, workflow_name, workflow_version, definition)
select definition_hash, workflow_name, workflow_version, definition
from json_to_recordset($1::text::json)
  as given(definition_hash text, workflow_name text, workflow_version text, definition jsonb)
order by workflow_name, workflow_version
on conflict do nothing`

const selectRegistered = `
select registered.workflow_name, registered.workflow_version, registered.definition_hash
from workflow_definitions as registered
join json_to_recordset($1::text::json) as given(workflow_name text, workflow_version text)
  using (workflow_name, workflow_version)`

const selectByName = `
select definition
from workflow_definitions
where workflow_name = $1
  and ($2::text is null or workflow_version = $2)
order by registered_at desc, workflow_version desc
limit 1`

const selectNames = `
select distinct workflow_name
from workflow_definitions
order by workflow_name
limit 20`
