import { createMigratedDatabase } from '@steptrail/testkit'
import { eventColumns } from '@steptrail/event'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open-database.ts'

const everyColumn = `
  select relation.relname as "table", attribute.attname as column,
    format_type(attribute.atttypid, attribute.atttypmod) as type, not attribute.attnotnull as nullable,
    col_description(relation.oid, attribute.attnum) as comment, relation.relkind as kind
  from pg_class as relation
  join pg_attribute as attribute on attribute.attrelid = relation.oid
  where relation.relnamespace = current_schema()::regnamespace
    and relation.relkind in ('r', 'p', 'v')
    and not relation.relispartition
    and attribute.attnum > 0
    and not attribute.attisdropped
  order by relation.relname, attribute.attnum`

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
  readonly nullable: boolean
  readonly comment: string | null
  readonly kind: string
}

describe('the schema', () => {
  let database: Database
  let columns: readonly Column[]
  beforeAll(async () => {
    database = await openDatabase({ url: await createMigratedDatabase() })
    columns = (await database.query<Column>(everyColumn)).rows
  })
  afterAll(() => database.close())

  it('has a comment on every table, view, function, trigger and column of a table', async () => {
    const { rows } = await database.query<{ name: string; comment: string | null }>(
      `select oid::regclass::text as name, obj_description(oid, 'pg_class') as comment
      from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v')
      union all
      select oid::regprocedure::text, obj_description(oid, 'pg_proc')
      from pg_proc
      where pronamespace = current_schema()::regnamespace
      union all
      select tgname || ' on ' || tgrelid::regclass, obj_description(pg_trigger.oid, 'pg_trigger')
      from pg_trigger
      join pg_class on pg_class.oid = tgrelid
      where not tgisinternal and not relispartition and relnamespace = current_schema()::regnamespace`,
    )
    expect(rows.length).toBeGreaterThan(25)
    expect(rows.filter(({ comment }) => comment === null)).toEqual([])
    expect(columns.filter(({ kind, comment }) => kind !== 'v' && comment === null)).toEqual([])
  })

  it('names every constraint as a sentence', async () => {
    const { rows } = await database.query<{ name: string }>(
      `select distinct conname::text as name
      from pg_constraint
      join pg_class on pg_class.oid = conrelid
      where connamespace = current_schema()::regnamespace and not relispartition and contype in ('c', 'f', 'p', 'u')`,
    )
    expect(rows.length).toBeGreaterThan(30)
    expect(rows.filter(({ name }) => !/^[a-z0-9]+(_[a-z0-9]+){2,}$/.test(name))).toEqual([])
  })

  it('has the columns of the event record, in order, of their types, tx, and what is made from its details', () => {
    const spelled: Readonly<Record<string, string>> = {
      timestamptz: 'timestamp with time zone',
      'timestamptz(3)': 'timestamp(3) with time zone',
    }
    const expected = eventColumns.map(({ column, type, nullable }) => ({
      column,
      type: spelled[type] ?? type,
      nullable,
    }))
    const actual = columns.filter(({ table }) => table === 'audit_event')
    expect(actual.map(({ column, type, nullable }) => ({ column, type, nullable }))).toEqual([
      ...expected,
      { column: 'tx', type: 'bigint', nullable: false },
      { column: 'waited_ms', type: 'bigint', nullable: true },
      { column: 'total_duration_ms', type: 'bigint', nullable: true },
    ])
  })

  it('knows whose each row is, but for rows that are nobody’s or an execution’s', () => {
    const tables = new Set(columns.filter(({ kind }) => kind !== 'v').map(({ table }) => table))
    for (const { table } of columns.filter(({ column }) => column === 'tenant')) tables.delete(table)
    expect([...tables]).toEqual([
      'feed_identity',
      'idempotent_requests',
      'log_checkpoints',
      'log_entries',
      'log_erasures',
      'log_keys',
      'log_pruned_ranges',
      'log_tiles',
      'log_trees',
      'observed_sources',
      'retention_closed_month',
      'retention_doomed',
      'retention_hold_release',
      'retention_permit',
      'retention_run',
      'schema_migrations',
      'workflow_clock',
      'workflow_definitions',
      'workflow_step_edges',
    ])
  })

  it('gives the step result audit the names that it was conceived with, and no copy of the result', async () => {
    const { rows: indexes } = await database.query<{ name: string }>(
      `select indexname::text as name from pg_indexes
      where tablename = 'workflow_step_result_audit' and indexname like 'idx%' order by 1`,
    )
    expect(indexes.map(({ name }) => name)).toEqual([
      'idx_audit_recorded_at',
      'idx_audit_step_uuid',
      'idx_audit_task_uuid',
      'idx_audit_worker_uuid',
    ])
    const audit = columns.filter(({ table }) => table === 'workflow_step_result_audit')
    expect(Object.fromEntries(audit.map(({ column, type }) => [column, type]))).toEqual({
      workflow_step_result_audit_uuid: 'uuid',
      workflow_step_uuid: 'uuid',
      workflow_step_transition_uuid: 'uuid',
      task_uuid: 'uuid',
      recorded_at: 'timestamp with time zone',
      worker_uuid: 'uuid',
      correlation_id: 'text',
      success: 'boolean',
      execution_time_ms: 'bigint',
      created_at: 'timestamp with time zone',
      updated_at: 'timestamp with time zone',
      tenant: 'text',
    })
  })
})
