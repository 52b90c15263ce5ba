import { getExecution, observedExecutionId, openDatabase } from '@steptrail/core'
import { BullmqRecorder, executionOf, install } from '@steptrail/bullmq'
import { createEmptyDatabase, createMigratedDatabase, releaseAfterTest } from '@steptrail/testkit'
import { createPostgresBackend, type Job, withBackend } from 'bullmq'
import pg from 'pg'
import { expect, it } from 'vitest'

const { Queue, Worker } = withBackend(createPostgresBackend)

/** A database with the tables of BullMQ. */
async function openBullmq() {
  const url = await createEmptyDatabase()
  const connection = { connectionString: url, max: 2, migrate: true }
  const queue = new Queue('jobs', { connection })
  await queue.waitUntilReady()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  releaseAfterTest(async () => {
    await queue.close()
    await client.end()
  })
  const workUntil = async (processor: (job: Job) => Promise<unknown>, event: 'completed' | 'failed') => {
    const worker = new Worker('jobs', processor, { connection, name: 'first' })
    try {
      await new Promise<void>((resolve, reject) => {
        worker.once(event, () => resolve()).once('error', reject)
      })
    } finally {
      await worker.close(true)
    }
  }
  return { url, queue, client, workUntil }
}

async function openTrail() {
  const database = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => database.close())
  return database
}

it('puts jobs of any schema on record, as of one installation however often it is installed', async () => {
  const url = await createEmptyDatabase()
  const database = await openTrail()
  const place = { url, schema: 'queues' }
  const connection = { connectionString: url, max: 2, migrate: true, schema: 'queues' }
  const other = new Queue('jobs', { connection })
  await other.waitUntilReady()
  const { sourceId: id, isNew } = await install(place)
  expect(isNew).toBe(true)
  expect(await install(place)).toEqual({ sourceId: id, isNew: false })
  const job = await other.add('work', {}, { jobId: 'elsewhere' })
  await job.remove()
  await other.close()
  await using from = new BullmqRecorder(database, place)
  expect(await from.recordAll()).toBe(2)
  const execution = executionOf({ queue: 'jobs', jobId: 'elsewhere', addedAt: job.timestamp })
  const executionId = observedExecutionId({ name: 'bullmq', sourceId: id }, execution)
  expect((await getExecution(database, executionId)).status).toBe('cancelled')
})

it('has jobs on record that have no name, or a time in seconds', async () => {
  const { url, queue, workUntil } = await openBullmq()
  const database = await openTrail()
  const { sourceId: id } = await install({ url })
  const ofName = { '': 'unnamed', work: 'work' }
  for (const [name, known] of Object.entries(ofName)) {
    const timestamp = name === '' ? Date.now() : Math.floor(Date.now() / 1_000)
    const job = await queue.add(name, {}, { jobId: known, timestamp })
    await workUntil(() => Promise.resolve('done'), 'completed')
    await using recorder = new BullmqRecorder(database, { url })
    await recorder.recordAll()
    const execution = executionOf({ queue: 'jobs', jobId: known, addedAt: job.timestamp })
    const view = await getExecution(
      database,
      observedExecutionId({ name: 'bullmq', sourceId: id }, execution),
    )
    expect(view).toMatchObject({
      workflowName: `jobs.${known}`,
      status: 'completed',
      steps: [{ name: known }],
    })
  }
})

it('looks for no jobs where BullMQ has no tables, or the adapter is not installed', async () => {
  const url = await createEmptyDatabase()
  const database = await openTrail()
  await expect(install({ url, schema: 'nowhere' })).rejects.toMatchObject({ code: 'invalid_configuration' })
  await expect(install({ url, schema: '' })).rejects.toMatchObject({ code: 'invalid_configuration' })
  await using from = new BullmqRecorder(database, { url, schema: 'nowhere' })
  await expect(from.recordAll()).rejects.toMatchObject({ code: 'invalid_configuration' })
})

it('installs over an earlier version, and has on record what that has noted', async () => {
  const { url, queue, client, workUntil } = await openBullmq()
  const { sourceId } = await install({ url })
  await client.query(
    `drop table bullmq_steptrail.outbox;
    create table bullmq_steptrail.outbox (
      id bigint generated always as identity primary key,
      queue text not null,
      job_id text not null,
      added_at bigint not null,
      kind text not null,
      at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
      body jsonb not null
    );
    insert into bullmq_steptrail.outbox (queue, job_id, added_at, kind, body)
    values
      ('jobs', 'done', 1700000000000, 'added', '{"name": "order", "attempts": 2, "parent": null, "sha256": null}'),
      ('jobs', 'done', 1700000000000, 'left', '{"name": "order", "attempts": 2, "made": 1, "to": "completed",
        "hasFailed": false, "isStalled": false, "isDeferred": false, "startedAt": null, "endedAt": null,
        "worker": null, "delay": 0, "retryAt": null, "error": null, "sha256": null, "bytes": null}'),
      ('jobs', 'gone', 1700000000000, 'added', '{"name": "order", "attempts": 1, "parent": null, "sha256": null}'),
      ('jobs', 'gone', 1700000000000, 'removed', '{"from": "waiting"}');
    update bullmq_steptrail.installation set version = 1`,
  )
  const database = await openTrail()
  await using recorder = new BullmqRecorder(database, { url })
  await expect(recorder.recordAll()).rejects.toMatchObject({ code: 'schema_outdated' })
  expect(await install({ url })).toEqual({ sourceId, isNew: false })
  await queue.add('order', {}, { jobId: 'new' })
  await workUntil(() => Promise.resolve(null), 'completed')
  expect(await recorder.recordAll()).toBe(6)
  const { rows } = await database.query(
    `select status, count(*)::int as executions from workflow_executions group by status order by status`,
  )
  expect(rows).toEqual([
    { status: 'cancelled', executions: 1 },
    { status: 'completed', executions: 2 },
  ])
})

it('tells where a trigger is not there, and makes it again', async () => {
  const { url, client } = await openBullmq()
  const database = await openTrail()
  await install({ url })
  const told: string[] = []
  const onTrouble = (message: string, cause: unknown) => void told.push(`${message}: ${String(cause)}`)
  const heard = async () => {
    await using recorder = new BullmqRecorder(database, { url, onTrouble })
    await recorder.recordAll()
    return told.splice(0).join()
  }
  expect(await heard()).toBe('')
  await client.query('drop trigger steptrail_job_moved on bullmq.job')
  expect(await heard()).toMatch(/steptrail_job_moved are not there or disabled.*call install/)
  await install({ url })
  expect(await heard()).toBe('')
})

it('keeps all that a refused row tells', async () => {
  const { url, queue, client, workUntil } = await openBullmq()
  await install({ url })
  const { timestamp } = await queue.add('order', {}, { jobId: 'late', attempts: 2, backoff: 60_000 })
  await client.query('delete from bullmq_steptrail.outbox')
  await workUntil(() => Promise.reject(new Error('no answer')), 'failed')
  const database = await openTrail()
  await using recorder = new BullmqRecorder(database, { url })
  await recorder.recordAll()
  const { rows } = await client.query<{ body: object }>(
    'select queue, job_id, added_at::float8, kind, body from bullmq_steptrail.refused order by id limit 1',
  )
  expect(rows).toEqual([
    {
      queue: 'jobs',
      job_id: 'late',
      added_at: timestamp,
      kind: 'left',
      body: {
        name: 'order',
        attempts: 2,
        made: 1,
        to: 'delayed',
        hasFailed: true,
        isStalled: false,
        isDeferred: false,
        startedAt: expect.any(Number) as number,
        endedAt: null,
        worker: 'first',
        delay: 60_000,
        retryAt: expect.any(Number) as number,
        error: 'no answer',
        sha256: null,
        bytes: null,
      },
    },
  ])
})

it('keeps no more of an error in the outbox than is told', async () => {
  const { url, queue, client, workUntil } = await openBullmq()
  await queue.add('order', {}, { jobId: 'before' })
  const large = () => Promise.reject(new Error('ж'.repeat(1_000_000)))
  await workUntil(large, 'failed')
  await install({ url })
  await queue.add('order', {}, { jobId: 'after' })
  await workUntil(large, 'failed')
  const { rows } = await client.query<{ bytes: number }>(
    `select max(octet_length(to_json(outbox)::text)) as bytes from bullmq_steptrail.outbox`,
  )
  expect(rows[0]?.bytes).toBeLessThan(20_000)
  const database = await openTrail()
  await using recorder = new BullmqRecorder(database, { url })
  await recorder.recordAll()
  const { rows: told } = await database.query('select last_error as error from workflow_steps')
  const error = `${'ж'.repeat(1_999)}…`
  expect(told).toEqual([{ error }, { error }])
})
