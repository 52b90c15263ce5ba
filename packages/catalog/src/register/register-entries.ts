import type { Database } from '@steptrail/core'
import { type CatalogEntries, type CheckedEntries, checkEntries } from './check-entries.ts'
import { registerActionTypes } from './register-action-types.ts'
import { registerWorkflows } from './register-workflows.ts'
import type { Registered, RegisteredBy } from './registered.ts'

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
