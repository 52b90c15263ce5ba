import { createHash } from 'node:crypto'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { openDatabase } from '@steptrail/core'
import { DbosRecorder, install } from '@steptrail/dbos'
import { createEmptyDatabase, createMigratedDatabase, releaseAfterTest } from '@steptrail/testkit'
import pg from 'pg'
import { expect, it } from 'vitest'

async function openDbos() {
  const url = await createEmptyDatabase()
  await DBOS.migrate(url)
  const client = await connected(url)
  return {
    url,
    client,
    begin: (id: string, by = client) =>
      by.query(
        `insert into dbos.workflow_status (workflow_uuid, status, name, created_at, updated_at)
        values ($1, 'PENDING', 'order', $2, $2)`,
        [id, Date.now()],
      ),
    step: (id: string, number: number) =>
      client.query(
        `insert into dbos.operation_outputs (workflow_uuid, function_id, function_name, output)
        values ($1, $2, 'pay', '1')`,
        [id, number],
      ),
    waiting: async () => {
      const { rows } = await client.query<{ mode: string }>('select mode from pg_locks where not granted')
      return rows.map(({ mode }) => mode)
    },
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  releaseAfterTest(() => client.end())
  return client
}

it('fills the outbox while DBOS goes on, with everything once and in its order, and nobody takes before', async () => {
  const { url, client, begin, step, waiting } = await openDbos()
  await install({ url })
  await begin('before')
  await step('before', 1)
  await client.query('update dbos_steptrail.installation set version = 0')
  const holding = await connected(url)
  await holding.query('begin')
  await holding.query(
    `insert into dbos_steptrail.outbox (id, workflow_id, kind, body)
    overriding system value values (1 - 1000000000000000, 'taken', 'workflow', '{}')`,
  )
  const installing = install({ url })
  await expect.poll(waiting).toEqual(['ShareLock'])
  await step('before', 2)
  await begin('after')
  const trail = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => trail.close())
  await using recorder = new DbosRecorder(trail, { url })
  expect(await recorder.recordAll()).toBe(0)
  await holding.query('rollback')
  expect(await installing).toMatchObject({ isNew: true })
  const { rows } = await client.query<{ told: string }>(
    `select concat_ws(' ', workflow_id, kind, coalesce(body ->> 'step', function_id::text)) as told from dbos_steptrail.outbox order by id`,
  )
  const told = rows.map((row) => row.told)
  expect(told).toEqual(['before workflow', 'before step 1', 'before step 2', 'after workflow'])
  expect(await recorder.recordAll()).toBe(4)
  expect((await client.query('select from dbos_steptrail.refused')).rowCount).toBe(0)
})

it('lets others pass while it waits for a transaction of DBOS', async () => {
  const { url, begin, waiting } = await openDbos()
  const holding = await connected(url)
  await holding.query('begin')
  await begin('long', holding)
  const installing = install({ url })
  await expect.poll(waiting, { interval: 10 }).toContain('ShareRowExclusiveLock')
  await begin('passing')
  await holding.query('commit')
  expect(await installing).toMatchObject({ isNew: true })
})

it('waits for nobody where all of it is there, and makes triggers again that are gone', async () => {
  const { url, client, begin } = await openDbos()
  const { sourceId } = await install({ url })
  const holding = await connected(url)
  await holding.query('begin')
  await begin('long', holding)
  expect(await install({ url })).toEqual({ sourceId, isNew: false })
  await holding.query('commit')
  await client.query('drop trigger steptrail_workflow_inserted on dbos.workflow_status')
  expect(await install({ url })).toEqual({ sourceId, isNew: false })
  await begin('noted')
  const { rows } = await client.query('select workflow_id from dbos_steptrail.outbox order by id')
  expect(rows).toEqual([{ workflow_id: 'long' }, { workflow_id: 'noted' }])
})

it('installs over an earlier version, and has on record what that has noted', async () => {
  const { url, client, begin, step } = await openDbos()
  const { sourceId } = await install({ url })
  await client.query(
    `drop table dbos_steptrail.outbox;
    create table dbos_steptrail.outbox (
      id bigint generated always as identity primary key,
      workflow_id text not null,
      kind text not null,
      at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
      body jsonb not null
    );
    insert into dbos_steptrail.outbox (workflow_id, kind, body)
    values
      ('old', 'workflow', '{"name": "order", "class": null, "status": "PENDING", "user": null, "version": null, "parent": null, "createdAt": 1700000000000}'),
      ('old', 'step', '{"step": 1, "name": "pay", "error": null, "startedAt": null, "completedAt": null, "sha256": null, "bytes": null, "isCopied": false}');
    update dbos_steptrail.installation set version = 1`,
  )
  const trail = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => trail.close())
  await using recorder = new DbosRecorder(trail, { url })
  await expect(recorder.recordAll()).rejects.toMatchObject({ code: 'schema_outdated' })
  expect(await install({ url })).toEqual({ sourceId, isNew: false })
  await begin('new')
  await step('new', 1)
  expect(await recorder.recordAll()).toBe(4)
  const { rows } = await trail.query(
    `select name, count(*)::int as executions from workflow_steps group by name`,
  )
  expect(rows).toEqual([{ name: 'pay', executions: 2 }])
})

it('keeps all that a refused row tells', async () => {
  const { url, client, begin, step } = await openDbos()
  await install({ url })
  await begin('late')
  await client.query(`delete from dbos_steptrail.outbox`)
  await step('late', 1)
  await client.query(`update dbos.workflow_status set status = 'CANCELLED' where workflow_uuid = 'late'`)
  const trail = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => trail.close())
  await using recorder = new DbosRecorder(trail, { url })
  await recorder.recordAll()
  const { rows } = await client.query(
    'select workflow_id, kind, body from dbos_steptrail.refused order by id',
  )
  expect(rows).toEqual([
    {
      workflow_id: 'late',
      kind: 'step',
      body: {
        step: 1,
        name: 'pay',
        error: null,
        startedAt: null,
        completedAt: null,
        recordedAt: expect.any(Number) as number,
        sha256: createHash('sha256').update('1').digest('hex'),
        bytes: 1,
      },
    },
    { workflow_id: 'late', kind: 'status', body: { from: 'PENDING', to: 'CANCELLED', completedAt: null } },
  ])
})

it.each(['shop$1', 'shop$steptrail$', "o'shop\\", 'заказы магазина №1 – главный'])(
  'installs beside DBOS in the schema %s',
  async (schema) => {
    const url = await createEmptyDatabase()
    await DBOS.migrate(url, { schemaName: schema })
    const place = { url, schema }
    expect(await install(place)).toMatchObject({ isNew: true })
    const client = await connected(url)
    await client.query(
      `insert into ${pg.escapeIdentifier(schema)}.workflow_status (workflow_uuid, status, name)
      values ('order-1', 'PENDING', 'order')`,
    )
    const trail = await openDatabase({ url: await createMigratedDatabase() })
    releaseAfterTest(() => trail.close())
    await using recorder = new DbosRecorder(trail, place)
    expect(await recorder.recordAll()).toBe(1)
  },
)

it('refuses a schema whose name leaves no room for that of its own', async () => {
  const url = await createEmptyDatabase()
  const schema = '注文の処理をするところの名前が長い店です'
  await DBOS.migrate(url, { schemaName: schema })
  await expect(install({ url, schema })).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('60 bytes') as string,
  })
})

it('has errors however large on record, and keeps no more of them in the outbox than is told', async () => {
  const { url, client, begin } = await openDbos()
  const large = 'x'.repeat(3_000_000)
  const stored = JSON.stringify({
    json: {
      response: large,
      code: 'E17',
      name: 'CardError',
      message: 'no card',
      cause: { message: 'stolen' },
    },
    meta: {},
  })
  const fail = async (id: string, error: string) => {
    await client.query(
      `insert into dbos.operation_outputs (workflow_uuid, function_id, function_name, error)
      values ($1, 1, 'pay', $2)`,
      [id, error],
    )
    await client.query(`insert into dbos.workflow_output (workflow_uuid, error) values ($1, $2)`, [id, error])
    await client.query(
      `update dbos.workflow_status set status = 'ERROR', completed_at = $2 where workflow_uuid = $1`,
      [id, Date.now()],
    )
  }
  await begin('before')
  await fail('before', stored)
  await install({ url })
  const given = { json: stored, text: JSON.stringify({ json: large }), odd: `"\\u0000${large}`, none: large }
  for (const [id, error] of Object.entries(given)) {
    await begin(id)
    await fail(id, error)
  }
  const { rows } = await client.query<{ bytes: number }>(
    `select max(octet_length(to_json(outbox)::text)) as bytes from dbos_steptrail.outbox`,
  )
  expect(rows[0]?.bytes).toBeLessThan(20_000)
  const trail = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => trail.close())
  await using recorder = new DbosRecorder(trail, { url })
  await recorder.recordAll()
  const { rows: told } = await trail.query<{ id: string; error: string }>(
    `select engine_execution_id as id, left(last_error, 60) as error
    from workflow_steps
    join workflow_executions using (execution_id)`,
  )
  const start = 'x'.repeat(60)
  expect(Object.fromEntries(told.map(({ id, error }) => [id, error]))).toEqual({
    before: 'no card: stolen',
    json: 'no card: stolen',
    text: start,
    odd: `"\\u0000${start}`.slice(0, 60),
    none: start,
  })
})

it('has on record how those ended that an earlier DBOS did, which kept that elsewhere', async () => {
  const { url, client, begin } = await openDbos()
  await begin('early')
  await client.query(
    `update dbos.workflow_status set status = 'ERROR', inputs = '[17]', error = '{"message": "no card"}'`,
  )
  await install({ url })
  const trail = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => trail.close())
  await using recorder = new DbosRecorder(trail, { url })
  await recorder.recordAll()
  const { rows } = await trail.query<{ told: string }>(`select details::text as told from audit_event`)
  const told = rows.map((row) => row.told).join()
  expect(told).toContain('no card')
  expect(told).toContain(createHash('sha256').update('[17]').digest('hex'))
})
