import { DBOS } from '@dbos-inc/dbos-sdk'
import { openDatabase } from '@steptrail/core'
import { DbosRecorder, install } from '@steptrail/dbos'
import { createEmptyDatabase, createMigratedDatabase, Link, releaseAfterTest } from '@steptrail/testkit'
import pg from 'pg'
import { expect, it } from 'vitest'
import { AttemptLog } from '../steps/attempt-log.ts'

/** The database of DBOS at the end of a link. */
async function openFar() {
  const url = await createEmptyDatabase()
  await DBOS.migrate(url)
  await install({ url })
  const link = await Link.open(() => Number(new URL(url).port))
  releaseAfterTest(() => link.close())
  const far = new URL(url)
  far.hostname = '127.0.0.1'
  far.port = String(link.port)
  const database = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => database.close())
  return { link, database, url: far.href }
}

it('is not held up by a server that has fallen silent, and goes on when it answers again', async () => {
  const { link, database, url } = await openFar()
  const recorder = new DbosRecorder(database, { url, answerWithinMs: 100 })
  expect(await recorder.recordAll()).toBe(0)
  link.cut()
  await expect(recorder.recordAll()).rejects.toThrow('timeout')
  link.mend()
  await expect.poll(() => recorder.recordAll()).toBe(0)
  link.cut()
  await recorder.close()
})

it('takes nothing more once a newer version is installed under it, whose notes it would set aside', async () => {
  const { database, url } = await openFar()
  await using recorder = new DbosRecorder(database, { url })
  expect(await recorder.recordAll()).toBe(0)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  releaseAfterTest(() => client.end())
  await client.query('update dbos_steptrail.installation set version = version + 1')
  await client.query(
    `insert into dbos_steptrail.outbox (workflow_id, kind, body) values ('order', 'of the newer version', '{}')`,
  )
  await expect(recorder.recordAll()).rejects.toMatchObject({ code: 'schema_newer' })
  const { rows } = await client.query('select kind from dbos_steptrail.outbox')
  expect(rows).toEqual([{ kind: 'of the newer version' }])
})

it('lets a step go on whose attempt cannot be noted for a silent server', async () => {
  const { link, url } = await openFar()
  const log = new AttemptLog({ url }, 100)
  const step = { name: 'pay', service: 'shop', undoes: null, maxRetries: 0 }
  expect(await log.know(step)).toBe(true)
  link.cut()
  const note = { workflowId: 'order', kind: 'attempt_started', at: 1, body: {} } as const
  await expect(log.write(note)).rejects.toThrow('timeout')
  await log.close()
})

it('reads of the steps that are wrapped those that it is told of, however many there are', async () => {
  const url = await createEmptyDatabase()
  await DBOS.migrate(url)
  await install({ url })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  releaseAfterTest(() => client.end())
  await client.query(
    `insert into dbos_steptrail.wrapped_step
    select 'fetch ' || number, '{"service": "shop", "undoes": null, "maxRetries": 0}' from generate_series(1, 5000) as number`,
  )
  await client.query('analyze dbos_steptrail.wrapped_step')
  await client.query(
    `insert into dbos.workflow_status (workflow_uuid, status, name) values ('order', 'PENDING', 'order')`,
  )
  await client.query(
    `insert into dbos.operation_outputs (workflow_uuid, function_id, function_name) values ('order', 1, 'fetch 17')`,
  )
  const database = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => database.close())
  const recorder = new DbosRecorder(database, { url })
  expect(await recorder.recordAll()).toBe(2)
  await recorder.close()
  const { rows: steps } = await database.query('select service_name from workflow_steps')
  expect(steps).toEqual([{ service_name: 'shop' }])
  const read = async () => {
    const { rows } = await client.query<{ all_of_it: string; by_name: string }>(
      `select seq_tup_read as all_of_it, idx_scan as by_name from pg_stat_user_tables where relname = 'wrapped_step'`,
    )
    return { all: Number(rows[0]?.all_of_it), byName: Number(rows[0]?.by_name) > 0 }
  }
  await expect.poll(read, { timeout: 20_000 }).toEqual({ all: 0, byName: true })
})
