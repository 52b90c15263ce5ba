import { describeOnBoth } from '@steptrail/testkit'
import { beforeAll, expect, it } from 'vitest'
import { insertRow } from '../../test/sql/insert-row.ts'
import type { Database, Query } from '../database/database.ts'
import { applyGrants } from './apply-grants.ts'

const idOf = (tenant: string, number: number): string =>
  `019a4f0c-5c7b-7000-8000-0000000${tenant === 'a' ? 'a' : 'b'}000${number}`

async function fill(query: Query, tenant: string): Promise<void> {
  const workflow = { workflow_name: `workflow of ${tenant}`, workflow_version: '1' }
  const execution = { execution_id: idOf(tenant, 1) }
  const step = (number: number) => ({
    ...workflow,
    ...execution,
    workflow_step_uuid: idOf(tenant, number),
    step_index: number,
    name: `step ${number}`,
    action: 's',
    service_name: 's',
    operation_type: 'DO',
    status: 'pending',
    max_retries: 0,
    timeout_ms: 1,
    tenant,
  })
  await insertRow(query, 'workflow_definitions', { ...workflow, definition_hash: tenant, definition: {} })
  await insertRow(query, 'workflow_executions', {
    ...workflow,
    ...execution,
    definition_hash: tenant,
    status: 'running',
    correlation_id: 'c',
    tenant,
  })
  await insertRow(query, 'workflow_steps', step(2))
  await insertRow(query, 'workflow_steps', step(3))
  await insertRow(query, 'workflow_step_edges', {
    ...execution,
    from_step_uuid: idOf(tenant, 2),
    to_step_uuid: idOf(tenant, 3),
  })
  await insertRow(query, 'workflow_workers', {
    worker_uuid: idOf(tenant, 4),
    service_name: 's',
    implements: '[]',
    host: 'h',
    pid: 1,
    lease_ms: 1,
    lease_until: '2026-01-02T03:04:05.678Z',
    tenant,
  })
  await insertRow(query, 'workflow_step_transitions', {
    ...execution,
    workflow_step_uuid: idOf(tenant, 2),
    from_state: 'in_progress',
    to_state: 'enqueued_for_orchestration',
    sort_key: 2,
    tenant,
  })
  await insertRow(query, 'audit_event', {
    event_type: 'OPERATION',
    entity_type: 'OPERATION',
    execution_id: idOf(tenant, 1),
    message: `of ${tenant}`,
    tenant,
  })
}

const rowsOfTenant: Readonly<Record<string, number>> = {
  workflow_definitions: 1,
  workflow_executions: 1,
  workflow_steps: 2,
  workflow_step_edges: 1,
  workflow_workers: 1,
  workflow_step_transitions: 1,
  workflow_step_result_audit: 1,
  audit_event: 1,
  audit_events: 1,
  v_execution_timeline: 1,
}

describeOnBoth('a reader', (open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    await applyGrants(database)
    for (const tenant of ['a', 'b']) await fill(database.query, tenant)
  })

  const asReader = <T>(work: (tx: Query) => Promise<T>, tenant?: string): Promise<T> =>
    database.transaction(async (tx) => {
      await tx('set local role steptrail_reader')
      if (tenant !== undefined) await tx(`select set_config('steptrail.tenant', $1, true)`, [tenant])
      return work(tx)
    })

  it.each(Object.entries(rowsOfTenant))('sees its tenant’s rows of %s', async (name, count) => {
    const visible = (tenant?: string) =>
      asReader(async (tx) => (await tx(`select * from ${name}`)).rowCount, tenant)
    expect((await database.query(`select from ${name}`)).rowCount).toBe(2 * count)
    expect(await visible('a')).toBe(count)
    expect(await visible('b')).toBe(count)
    expect(await visible('c')).toBe(0)
  })

  it.each(Object.keys(rowsOfTenant))('is nobody without a tenant, and sees nothing of %s', async (name) => {
    for (const tenant of [undefined, ''])
      expect(await asReader(async (tx) => (await tx(`select from ${name}`)).rowCount, tenant)).toBe(0)
  })

  it('sees no other tenant’s rows by asking for them', async () => {
    const asked = await asReader(
      async (tx) =>
        (await tx(`select from audit_events where message = 'of b' or event_id is not null`)).rowCount,
      'a',
    )
    expect(asked).toBe(1)
    const joined = await asReader(
      async (tx) =>
        (await tx(`select from workflow_executions, audit_event where message = 'of b'`)).rowCount,
      'a',
    )
    expect(joined).toBe(0)
  })

  it('reaches no partition directly', async () => {
    const { rows } = await database.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits
      join pg_class on pg_class.oid = inhparent where relkind = 'p'`,
    )
    expect(rows.length).toBeGreaterThanOrEqual(6)
    for (const { name } of rows)
      await expect(asReader((tx) => tx(`select from ${name}`), 'a')).rejects.toMatchObject({ code: '42501' })
  })

  it.each([
    `insert into audit_event (event_type, entity_type, tenant) values ('x', 'OPERATION', 'a')`,
    `update workflow_executions set status = 'failed'`,
    'delete from workflow_steps',
    'truncate audit_event',
    'select from workflow_clock',
    `select ensure_partition('audit_event', now())`,
    'create table extra ()',
    `create temp table own (like workflow_step_transitions);
     create trigger own after insert on own for each row execute function create_step_result_audit()`,
  ])('may not: %s', async (statement) => {
    await expect(asReader((tx) => tx(statement), 'a')).rejects.toMatchObject({ code: '42501' })
  })

  it('may know the schema and the feed', async () => {
    const generation = await asReader((tx) =>
      tx('select feed_generation(), (select max(version) from schema_migrations)'),
    )
    expect(generation.rowCount).toBe(1)
  })

  it.each(['steptrail_sealer', 'steptrail_admin', 'steptrail_writer'])(
    'is the only one bound: %s sees every tenant',
    async (role) => {
      const visible = await database.transaction(async (tx) => {
        await tx(`set local role ${role}`)
        return (await tx('select from audit_event')).rowCount
      })
      expect(visible).toBe(2)
    },
  )
})
