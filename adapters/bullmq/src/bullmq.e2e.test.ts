import { observedExecutionId, openDatabase } from '@steptrail/core'
import { bullmqCapabilities, BullmqRecorder, executionOf, install } from '@steptrail/bullmq'
import {
  type AdapterUnderTest,
  createEmptyDatabase,
  createMigratedDatabase,
  describeAdapter,
  Program,
  releaseAfterTest,
} from '@steptrail/testkit'
import { createPostgresBackend, withBackend } from 'bullmq'
import pg from 'pg'

const app = new URL('../test/scripted-app.ts', import.meta.url)

describeAdapter('bullmq', openBullmq)

async function openBullmq(): Promise<AdapterUnderTest> {
  const url = await createEmptyDatabase()
  await makeTables(url)
  const { sourceId } = await install({ url })
  const database = await openDatabase({ url: await createMigratedDatabase() })
  const recorder = new BullmqRecorder(database, { url })
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
    const { rows } = await pool.query<{ id: string }>('select * from bullmq_steptrail.outbox order by id')
    for (const row of rows) told.set(row.id, row)
    await recorder.recordAll()
  }
  return {
    database,
    capabilities: bullmqCapabilities,
    start: async (id, script) => {
      order({ start: id, script })
      const addedAt = Number((await program.line(`added ${id} `)).split(' ').at(-1))
      return observedExecutionId(
        { name: 'bullmq', sourceId },
        executionOf({ queue: 'scripts', jobId: id, addedAt }),
      )
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
      await program.line(`added ${id}`)
    },
    redeliver: async () => {
      await pool.query(
        `insert into bullmq_steptrail.outbox overriding system value
        select * from json_populate_recordset(null::bullmq_steptrail.outbox, $1)`,
        [JSON.stringify([...told.values()])],
      )
      await recorder.recordAll()
    },
    settle,
  }
}

/** BullMQ makes its tables when it is told to. */
async function makeTables(url: string): Promise<void> {
  const { Queue } = withBackend(createPostgresBackend)
  const queue = new Queue('scripts', { connection: { connectionString: url, max: 1, migrate: true } })
  await queue.waitUntilReady()
  await queue.close()
}

async function launch(url: string, ...held: readonly string[]): Promise<Program> {
  const program = new Program(app, { args: [url, ...held] })
  await program.line('ready')
  return program
}

const untilEnded = (pool: pg.Pool, id: string): Promise<void> =>
  until(pool, `select from bullmq.job where id = $1 and state in ('completed', 'failed')`, [id])

/** A step that goes on is noted while it does. */
const untilNoted = (pool: pg.Pool, id: string, step: string): Promise<void> =>
  until(
    pool,
    `select from bullmq_steptrail.outbox
    where job_id = $1 and kind = 'noted' and body @> $2::text::jsonb`,
    [id, JSON.stringify({ notes: [{ kind: 'attempt_started', name: step }] })],
  )

/** Asks until there is a row. */
async function until(pool: pg.Pool, query: string, values: readonly unknown[]): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(query, [...values])
    if ((rowCount ?? 0) > 0) return
    await pool.query('select pg_sleep(0.02)')
  }
}
