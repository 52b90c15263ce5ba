import { createDatabaseWithLogins } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertRow } from '../../test/sql/insert-row.ts'
import type { Row } from '../../test/sql/insert-row.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { checkSchema } from '../migrate/check-schema.ts'
import { migrate } from '../migrate/migrate.ts'
import { ensurePartitions, partitionsOf } from '../partition/ensure-partitions.ts'

const id = '019a4f0c-5c7b-7000-8000-000000000001'
const stepId = '019a4f0c-5c7b-7000-8000-000000000002'
const at = '2026-01-02T03:04:05.678Z'
const workflow = { workflow_name: 'w', workflow_version: '1' }

const rows: readonly (readonly [string, Row])[] = [
  ['workflow_definitions', { ...workflow, definition_hash: 'h', definition: {} }],
  [
    'workflow_executions',
    { ...workflow, execution_id: id, definition_hash: 'h', status: 'running', correlation_id: 'c' },
  ],
  [
    'workflow_steps',
    {
      ...workflow,
      workflow_step_uuid: stepId,
      execution_id: id,
      step_index: 0,
      name: 's',
      action: 's',
      service_name: 's',
      operation_type: 'DO',
      status: 'pending',
      max_retries: 0,
      timeout_ms: 1,
    },
  ],
  [
    'workflow_workers',
    { worker_uuid: id, service_name: 's', implements: '[]', host: 'h', pid: 1, lease_ms: 1, lease_until: at },
  ],
  [
    'workflow_step_transitions',
    {
      workflow_step_uuid: stepId,
      execution_id: id,
      from_state: 'in_progress',
      to_state: 'enqueued_for_orchestration',
      sort_key: 2,
    },
  ],
  ['audit_event', { event_type: 'OPERATION', entity_type: 'OPERATION' }],
  ['workflow_execution_audit', { ...workflow, remediation_id: 'r', total_steps: 1, outcome: 'failed' }],
]

describe('an application whose login is a steptrail_writer', () => {
  let owner: Database
  let writer: Database
  beforeAll(async () => {
    const place = await createDatabaseWithLogins()
    owner = await openDatabase({ url: place.url })
    await migrate(owner, { roles: true })
    writer = await openDatabase({ url: await place.createLogin('in role steptrail_writer') })
  })
  afterAll(async () => {
    await writer.close()
    await owner.close()
  })

  it('does all its work', async () => {
    await checkSchema(writer)
    await writer.transaction(async (tx) => {
      for (const [table, row] of rows) await insertRow(tx, table, row)
      await tx('select from workflow_executions for no key update skip locked')
      await tx(`update workflow_executions set status = 'completed'`)
      await tx(`update workflow_steps set status = 'skipped'`)
      await tx('update workflow_workers set pid = 2')
      await tx(`update workflow_clock set holder = $1, lease_until = now()`, [id])
      await ensurePartitions(tx, partitionsOf('audit_event', ['2025-01-01T00:00:00.000Z']))
    })
    for (const [table] of rows) expect((await writer.query(`select from ${table}`)).rowCount, table).toBe(1)
    for (const name of ['workflow_step_result_audit', 'audit_events'])
      expect((await writer.query(`select from ${name}`)).rowCount, name).toBe(1)
    await writer.query('select feed_generation()')
  })

  it('makes partitions that belong to the owner, too', async () => {
    const { rows: owners } = await owner.query(
      `select distinct pg_get_userbyid(relowner) as owner from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v')`,
    )
    expect(owners).toEqual([{ owner: 'steptrail_owner' }])
  })

  it.each([
    `update audit_event set tenant = 'x'`,
    'delete from audit_event',
    'truncate audit_event',
    `update workflow_step_transitions set tenant = 'x'`,
    'delete from workflow_step_transitions',
    'truncate workflow_step_transitions',
    `update workflow_step_result_audit set success = false`,
    'delete from workflow_step_result_audit',
    `insert into workflow_step_result_audit (workflow_step_uuid, workflow_step_transition_uuid, task_uuid, success)
    values (uuid_v7(), uuid_v7(), uuid_v7(), true)`,
    'delete from workflow_executions',
    'delete from workflow_steps',
    `update workflow_definitions set definition = '{}'`,
    `update schema_migrations set sha256 = ''`,
    `update feed_identity set feed_uuid = uuid_v7()`,
    'insert into audit_event_2025_01 (id, event_type) select id, event_type from audit_event',
    'select from audit_event_2025_01',
    'truncate audit_event_2025_01',
    'drop table audit_event_2025_01',
    'alter table audit_event detach partition audit_event_2025_01',
    'alter table audit_event disable trigger all',
    'alter table audit_event disable row level security',
    'alter table audit_event add column extra text',
    'create table extra ()',
    'create trigger extra after insert on audit_event for each row execute function refuse_change()',
    'create policy extra on audit_event using (true)',
    'create or replace function refuse_change() returns trigger language sql as $$ select null $$',
    'set role steptrail_owner',
    'set session_replication_role = replica',
  ])('may not: %s', async (statement) => {
    await expect(writer.query(statement)).rejects.toMatchObject({ code: '42501' })
  })

  it('may give nobody what it has', async () => {
    await writer.query('grant all on audit_event to public')
    const { rows: given } = await owner.query(
      `select from information_schema.role_table_grants where grantee = 'PUBLIC' and table_name = 'audit_event'`,
    )
    expect(given).toEqual([])
  })

  it('may not make anything but a month of a table', async () => {
    for (const table of ['workflow_steps', 'pg_class', 'audit_event_2025_01'])
      await expect(
        writer.query('select ensure_partition($1::regclass, now())', [table]),
      ).rejects.toMatchObject({
        code: '22023',
      })
  })
})
