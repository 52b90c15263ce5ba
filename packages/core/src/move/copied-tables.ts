import type { Query } from '../database/database.ts'
import { quoteIdentifier } from '../database/identifier.ts'

/** A table that moves with a trail. */
export interface CopiedTable {
  readonly name: string
  /** Those that are copied, as a list in SQL. */
  readonly columns: string
  /** The time by which it is partitioned, where it is. */
  readonly partitionedBy: string | null
}

/**
 * What belongs to a database and not to its trail: what was migrated, who is the feed, who holds the clock; and how often
 * the catalogue changed, which the copying itself counts.
 */
const staysBehind = [
  'schema_migrations',
  'feed_identity',
  'workflow_clock',
  'idempotent_requests',
  'workflow_catalog_revision',
]

/** Every table of the schema that holds a part of the trail, with what is copied: all but what the database makes itself. */
export async function copiedTables(query: Query): Promise<readonly CopiedTable[]> {
  const { rows } = await query<TableRow>(selectTables, [staysBehind])
  return rows.map(({ name, columns, partitioned_by }) => ({
    name,
    columns: columns.map(quoteIdentifier).join(', '),
    partitionedBy: partitioned_by,
  }))
}

interface TableRow {
  readonly name: string
  readonly columns: readonly string[]
  readonly partitioned_by: string | null
}

/** `tx` is the id of a transaction of the one database, and means nothing in another. */
const selectTables = `
select relation.relname::text as name,
       (select array_agg(attribute.attname::text order by attribute.attnum)
        from pg_attribute as attribute
        where attribute.attrelid = relation.oid
          and attribute.attnum > 0
          and not attribute.attisdropped
          and attribute.attgenerated = ''
          and not (relation.relname = 'audit_event' and attribute.attname = 'tx')) as columns,
       (select attribute.attname::text
        from pg_partitioned_table as partitioned
        join pg_attribute as attribute
          on attribute.attrelid = partitioned.partrelid
         and attribute.attnum = partitioned.partattrs[0]
        where partitioned.partrelid = relation.oid) as partitioned_by
from pg_class as relation
where relation.relnamespace = current_schema()::regnamespace
  and relation.relkind in ('r', 'p')
  and not relation.relispartition
  and relation.relname !~ '_[0-9]{4}_[0-9]{2}_(?:kept|gone)$'
  and relation.relname <> all($1::text[])
order by relation.relname`
