import type { Reader } from '@steptrail/core'
import { isUuid } from '@steptrail/event'
import { entryNotFound } from '../status/change-status.ts'

/**
 * The id of a workflow as people name it: by its id, as `name@version`, or as `name`, which is the version that is
 * offered, else the one registered last. Throws `catalog_entry_not_found`.
 */
export async function findWorkflow({ query }: Reader, given: string, tenant: string): Promise<string> {
  const isId: boolean = isUuid(given)
  if (isId) return given
  const at = given.lastIndexOf('@')
  const [name, version] = at > 0 ? [given.slice(0, at), given.slice(at + 1)] : [given, null]
  const { rows } = await query<{ id: string }>(selectNamed, [tenant, name, version])
  if (rows[0]) return rows[0].id
  throw entryNotFound(given)
}

const selectNamed = `
select workflow_id as id
from workflow_catalog
where tenant = $1
  and workflow_name = $2
  and ($3::text is null or version = $3)
order by status = 'active' desc, registered_at desc
limit 1`
