import { observedExecutionId, openDatabase } from '@steptrail/core'
import { dbosCapabilities, DbosRecorder, install } from '@steptrail/dbos'
import {
  type AdapterUnderTest,
  createEmptyDatabase,
  createMigratedDatabase,
  describeAdapter,
  Program,
  releaseAfterTest,
} from '@steptrail/testkit'
import pg from 'pg'
import { DBOS } from '@dbos-inc/dbos-sdk'

const app = new URL('../test/scripted-app.ts', import.meta.url)

describeAdapter('dbos', openDbos)

async function openDbos(): Promise<AdapterUnderTest> {
  const url = await createEmptyDatabase()
  await DBOS.migrate(url)
  const { sourceId } = await install({ url })
  const database = await openDatabase({ url: await createMigratedDatabase() })
  const recorder = new DbosRecorder(database, { url })
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => undefined)
  let program: Program = await launch(url, 'held')
  releaseAfterTest(async () => {
    await program.kill()
    await recorder.close()
    await pool.end()
    await database.close()
  })
  const order = (content: object) => void program.stdin.write(`${JSON.stringify(content)}\n`)
  const told = new Map<string, object>()
  const settle = async () => {
    const { rows } = await pool.query<{ id: string; row: object }>(
      'select id, to_json(outbox) as row from dbos_steptrail.outbox order by id',
    )
    for (const { id, row } of rows) told.set(id, row)
    await recorder.recordAll()
  }
  return {
    database,
    capabilities: dbosCapabilities,
    start: async (id, script) => {
      order({ start: id, script })
      return observedExecutionId({ name: 'dbos', sourceId }, id)
    },
    begun: async (id, step) => {
      await program.line(`attempt ${id} ${step}`)
      await untilNoted(pool, id, step)
    },
    ended: (id) => untilEnded(pool, id),
    cancel: async (id) => {
      order({ cancel: id })
      await untilEnded(pool, id)
    },
    crash: async () => {
      await program.kill()
      program = await launch(url)
    },
    replay: async (id, script) => {
      order({ start: id, script })
      await program.line(`ended ${id}`)
    },
    redeliver: async () => {
      await pool.query(
        `insert into dbos_steptrail.outbox overriding system value
        select * from json_populate_recordset(null::dbos_steptrail.outbox, $1)`,
        [JSON.stringify([...told.values()])],
      )
      await recorder.recordAll()
    },
    settle,
  }
}

async function launch(url: string, ...held: readonly string[]): Promise<Program> {
  const program = new Program(app, { args: [url, ...held] })
  await program.line('ready')
  return program
}

const untilEnded = (pool: pg.Pool, id: string): Promise<void> =>
  until(
    pool,
    `select from dbos.workflow_status
    where workflow_uuid = $1 and status not in ('PENDING', 'ENQUEUED')`,
    [id],
  )

/** An attempt that goes on is noted while it does. */
const untilNoted = (pool: pg.Pool, id: string, step: string): Promise<void> =>
  until(
    pool,
    `select from dbos_steptrail.outbox
    where workflow_id = $1 and kind = 'attempt_started' and body ->> 'name' = $2`,
    [id, step],
  )

/** Asks until there is a row. */
async function until(pool: pg.Pool, query: string, values: readonly unknown[]): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(query, [...values])
    if ((rowCount ?? 0) > 0) return
    await pool.query('select pg_sleep(0.02)')
  }
}
