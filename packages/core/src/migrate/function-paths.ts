import { searchPathOf } from '../database/connection-settings.ts'
import type { Query } from '../database/database.ts'

/** Functions of a schema that look for its tables in another one. */
export interface MisplacedFunctions {
  /** Their signatures, qualified, as `alter function` takes them. */
  readonly signatures: readonly string[]
  /** Where they look, as a search path. */
  readonly path: string
}

/**
 * The functions of a trail whose schema was renamed: each was made with the schema's name of then as its search path,
 * and would write into a schema that has this name now. Undefined where they look into their own.
 */
export async function findMisplacedFunctions(
  query: Query,
  schema: string,
): Promise<MisplacedFunctions | undefined> {
  const { rows } = await query<{ signature: string; path: string }>(selectMisplaced, [
    schema,
    searchPathOf(schema),
  ])
  const [first] = rows
  return first && { signatures: rows.map(({ signature }) => signature), path: first.path }
}

/** Makes them look into their own schema. */
export async function placeFunctions(tx: Query, schema: string): Promise<void> {
  const { signatures = [] } = (await findMisplacedFunctions(tx, schema)) ?? {}
  for (const signature of signatures)
    await tx(`alter routine ${signature} set search_path to ${searchPathOf(schema)}`)
}

/**
 * A name has quotes or none, as a dump or the settings of whoever migrated had it. Functions that somebody else has put into the
 * schema are passed over: they have another path than the guard of the append-only tables.
 */
const selectMisplaced = `
with placed as (
  select function.oid,
         function.proname,
         substr(setting, length('search_path=') + 1) as path
  from pg_proc as function
  join pg_namespace as namespace on namespace.oid = function.pronamespace
  cross join unnest(function.proconfig) as setting
  where namespace.nspname = $1
    and starts_with(setting, 'search_path=')
)
select format('%I.%I(%s)', $1::text, proname, pg_get_function_identity_arguments(oid)) as signature, path
from placed
where replace(path, '"', '') <> replace($2, '"', '')
  and path = (select path from placed where proname = 'refuse_change' limit 1)
order by signature`
