import { TrailError } from '@steptrail/event'
import pg from 'pg'
import { backfill } from './backfill.ts'
import type { Installation } from './installation.ts'
import { type BullmqPlace, type BullmqSchemas, schemasOf } from './place.ts'
import { requireNoNewer } from './require-version.ts'
import { installedVersion, tables, triggers } from './tables.ts'

/** Makes an outbox and triggers beside the tables of BullMQ, and puts into it what BullMQ still knows of what happened before. */
export async function installOnPostgres(place: BullmqPlace): Promise<Installation> {
  const client = new pg.Client({ connectionString: place.url })
  await client.connect()
  try {
    return await installBy(client, place)
  } finally {
    await client.end()
  }
}

async function installBy(client: pg.Client, place: BullmqPlace): Promise<Installation> {
  const schemas = schemasOf(place)
  await requireTables(client, place)
  await client.query('begin')
  await client.query(`select pg_advisory_xact_lock(hashtextextended('steptrail bullmq install', 0))`)
  await client.query(tables(schemas))
  await client.query(`lock table ${schemas.theirs}.job in share row exclusive mode`)
  const made = await client.query(
    `insert into ${schemas.ours}.installation (version) values ($1) on conflict do nothing`,
    [installedVersion],
  )
  const isNew = made.rowCount === 1
  await requireNotNewer(client, schemas)
  await client.query(triggers(schemas))
  if (isNew) await client.query(backfill(schemas))
  const { rows } = await client.query<{ source_id: string }>(
    `update ${schemas.ours}.installation set version = $1 returning source_id`,
    [installedVersion],
  )
  await client.query('commit')
  return { sourceId: rows[0]?.source_id ?? '', isNew }
}

async function requireNotNewer(client: pg.Client, { ours }: BullmqSchemas): Promise<void> {
  const { rows } = await client.query<{ version: number }>(`select version from ${ours}.installation`)
  requireNoNewer({ where: ours, version: rows[0]?.version ?? installedVersion, installedVersion })
}

async function requireTables(client: pg.Client, { schema = 'bullmq' }: BullmqPlace): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count
    from information_schema.columns
    where table_schema = $1
      and table_name = 'job'
      and column_name in ('added_at_ms', 'attempts_made', 'stalled_count', 'deferred_failure', 'processed_by')`,
    [schema],
  )
  if (rows[0]?.count === 5) return
  throw new TrailError(
    'invalid_configuration',
    `there are no tables of BullMQ 6.7 or later in schema ${schema} of this database: let BullMQ make them first (migrate: true in the connection of a Queue), and give the URL of its database`,
    { details: { schema } },
  )
}
