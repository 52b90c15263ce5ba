import { setTimeout as pause } from 'node:timers/promises'
import { connectingTo } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import pg from 'pg'
import { backfill } from './backfill.ts'
import { type DbosPlace, type DbosSchemas, schemasOf } from './place.ts'
import { requireNoNewer } from './require-version.ts'
import { installedVersion, tables, triggerNames, triggers, unfinished } from './tables.ts'

/** What is installed. */
export interface Installation {
  /** Under which the trail knows the history of this DBOS. */
  readonly sourceId: string
  /** True when it was not there before: then all that DBOS knew is on its way into the trail. */
  readonly isNew: boolean
}

/**
 * Installs the adapter beside DBOS: a schema with an outbox, and triggers on the tables of DBOS, which write into it in
 * DBOS's own transactions. When it is there for the first time, what DBOS still knows of what happened before goes into
 * the outbox, with nothing twice and nothing left out between: it is read as it was when the triggers were made, while
 * DBOS goes on. One that was interrupted begins anew when it is called again. May be called any number of times, by a role
 * that may make schemas and triggers there, lock and read the tables of DBOS; where all of it is there, nothing is locked.
 *
 * DBOS waits only while triggers are made, and half a second at most for those before it: where its tables are not to
 * be had by then, it goes on, and this tries again for a minute.
 *
 * @throws TrailError `invalid_configuration` when DBOS has not made its tables there yet, or when these were in use all
 *   the time; `schema_newer` when a newer version of the adapter is installed
 */
export async function install(place: DbosPlace): Promise<Installation> {
  await using installing = await openClient(place)
  await using reading = await openClient(place)
  const { client } = installing
  const schemas = schemasOf(place)
  await requireTables(client, place)
  await client.query(`select pg_advisory_lock(hashtextextended('steptrail dbos install', 0))`)
  await client.query(tables(schemas))
  const version = await versionOf(client, schemas)
  requireNoNewer({ where: schemas.ours, version })
  const isNew = version === unfinished
  if (isNew || !(await isComplete(client, schemas)))
    await withoutHoldingUp(() => makeTriggers(client, { schemas, reading: isNew ? reading.client : null }))
  if (isNew) await fill(reading.client, schemas)
  const { rows } = await client.query<{ source_id: string }>(
    `update ${schemas.ours}.installation set version = $1 returning source_id`,
    [installedVersion],
  )
  return { sourceId: rows[0]?.source_id ?? '', isNew }
}

interface Opened extends AsyncDisposable {
  readonly client: pg.Client
}

async function openClient(place: DbosPlace): Promise<Opened> {
  // How long filling the outbox takes, nobody knows: 0 waits for it.
  const client = new pg.Client({ ...connectingTo(place, 0).config })
  // A session that breaks shows in the statement that needs it.
  client.on('error', () => undefined)
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.end() }
}

interface MakingTriggers {
  readonly schemas: DbosSchemas
  /** The session that is to read what there was before them; null where that is done. */
  readonly reading: pg.Client | null
}

/** Between what the reading session sees and what the triggers see, nothing is left out: nobody writes meanwhile. */
async function makeTriggers(client: pg.Client, { schemas, reading }: MakingTriggers): Promise<void> {
  const { ours, theirs } = schemas
  // What triggers of an interrupted installation have written is in what is read now.
  const forget = `delete from ${ours}.outbox where kind in ('workflow', 'status', 'step', 'deleted')`
  if (reading) await client.query(forget)
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${waitForLockMs}`)
    await client.query(
      `lock table ${theirs}.workflow_status, ${theirs}.operation_outputs in share row exclusive mode`,
    )
    await client.query(triggers(schemas))
    if (reading) await client.query(forget)
    await reading?.query('begin isolation level repeatable read')
    await reading?.query(`select from ${theirs}.workflow_status limit 1`)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    await reading?.query('rollback')
    throw error
  }
}

/** How long others wait behind us for the tables of DBOS. */
const waitForLockMs = 500
/** How long they then have them for themselves. */
const leaveAloneMs = 1_000
const mostTries = 40
const lockNotAvailable = '55P03'

async function withoutHoldingUp(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      return await work()
    } catch (cause) {
      if (!(cause instanceof pg.DatabaseError) || cause.code !== lockNotAvailable) throw cause
      if (tries === mostTries)
        throw new TrailError(
          'invalid_configuration',
          `the tables of DBOS were in use by a transaction that has lasted a minute: the adapter cannot make its triggers meanwhile. End that transaction (see pg_stat_activity), and install again`,
          { details: { tries }, cause },
        )
      await pause(leaveAloneMs)
    }
}

/** In the transaction that sees what there was before the triggers. */
async function fill(reading: pg.Client, schemas: DbosSchemas): Promise<void> {
  await reading.query(backfill(schemas))
  await reading.query('commit')
}

async function versionOf(client: pg.Client, { ours }: DbosSchemas): Promise<number> {
  await client.query(`insert into ${ours}.installation (version) values ($1) on conflict do nothing`, [
    unfinished,
  ])
  const { rows } = await client.query<{ version: number }>(`select version from ${ours}.installation`)
  return rows[0]?.version ?? unfinished
}

/** Whether this version is there with all of its triggers. */
async function isComplete(client: pg.Client, { ours, theirs }: DbosSchemas): Promise<boolean> {
  const { rows } = await client.query<{ is_complete: boolean }>(
    `select version = $1
       and (select count(*)
            from pg_trigger
            where tgrelid in ($2::regclass, $3::regclass)
              and tgname = any($4)
              and tgenabled in ('O', 'A')) = cardinality($4::text[]) as is_complete
    from ${ours}.installation`,
    [installedVersion, `${theirs}.workflow_status`, `${theirs}.operation_outputs`, triggerNames],
  )
  return rows[0]?.is_complete === true
}

async function requireTables(client: pg.Client, { schema = 'dbos' }: DbosPlace): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count
    from pg_attribute as attribute
    join pg_class as class on class.oid = attribute.attrelid
    where class.relnamespace = to_regnamespace(quote_ident($1))
      and not attribute.attisdropped
      and (class.relname, attribute.attname) in (
        ('workflow_status', 'forked_from'), ('workflow_status', 'completed_at'),
        ('operation_outputs', 'retention_timestamp'),
        ('workflow_input', 'inputs'), ('workflow_output', 'error'),
        ('operation_outputs', 'started_at_epoch_ms'), ('operation_outputs', 'completed_at_epoch_ms'))`,
    [schema],
  )
  if (rows[0]?.count === 7) return
  throw new TrailError(
    'invalid_configuration',
    `there are no tables of DBOS 5.3 or later in schema ${schema} of this database: let DBOS make them first (DBOS.migrate or DBOS.launch), and give the URL of its system database`,
    { details: { schema } },
  )
}
