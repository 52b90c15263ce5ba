import { readFile } from 'node:fs/promises'
import { uuidV7 } from '@steptrail/event'
import { createEmptyDatabase, databaseKinds, describeOnBoth } from '@steptrail/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open-database.ts'
import { migrate } from '../../src/migrate/migrate.ts'
import { insertRow } from './insert-row.ts'
import type { Row } from './insert-row.ts'

const stepUuid = uuidV7(1)
const executionId = uuidV7(2)
const workerUuid = '0199a3b4-0000-7000-8000-00000000abcd'

const transition = (metadata: unknown, more: Row = {}): Row => ({
  workflow_step_transition_uuid: uuidV7(Date.now()),
  workflow_step_uuid: stepUuid,
  execution_id: executionId,
  from_state: 'in_progress',
  to_state: 'enqueued_for_orchestration',
  sort_key: 2,
  metadata,
  ...more,
})

const failed: Row = { to_state: 'enqueued_as_error_for_orchestration' }

interface Audit {
  readonly worker_uuid: string | null
  readonly correlation_id: string | null
  readonly success: boolean
  readonly execution_time_ms: number | null
}

async function auditOf(database: Database, row: Row): Promise<Record<string, unknown> & Audit> {
  const { workflow_step_transition_uuid: uuid } = await insertRow<Record<string, string>>(
    database.query,
    'workflow_step_transitions',
    row,
  )
  const { rows } = await database.query<Record<string, unknown> & Audit>(
    'select * from workflow_step_result_audit where workflow_step_transition_uuid = $1',
    [uuid],
  )
  expect(rows).toHaveLength(1)
  return rows[0] as Record<string, unknown> & Audit
}

describeOnBoth('the audit of a step’s result', (open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })

  it('is written with every column when a worker reports success', async () => {
    const event = { success: true, metadata: { execution_time_ms: 1234 }, result: { realmId: 'acme' } }
    const metadata = { worker_uuid: workerUuid, correlation_id: 'rr-2026-02-05-abc123', event }
    const row = transition(metadata, { tenant: 'acme' })
    const audit = await auditOf(database, row)
    expect(audit).toEqual({
      workflow_step_result_audit_uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string,
      workflow_step_uuid: stepUuid,
      workflow_step_transition_uuid: row['workflow_step_transition_uuid'],
      task_uuid: executionId,
      recorded_at: expect.stringMatching(/Z$/) as string,
      worker_uuid: workerUuid,
      correlation_id: 'rr-2026-02-05-abc123',
      success: true,
      execution_time_ms: 1234,
      created_at: audit['recorded_at'],
      updated_at: audit['recorded_at'],
      tenant: 'acme',
    })
  })

  it('is written when a worker reports failure', async () => {
    const event = { success: false, metadata: { execution_time_ms: 0 }, error: { message: 'no' } }
    const audit = await auditOf(database, transition({ worker_uuid: workerUuid, event }, failed))
    expect(audit).toMatchObject({
      worker_uuid: workerUuid,
      correlation_id: null,
      success: false,
      execution_time_ms: 0,
    })
  })

  it('is written for no other transition', async () => {
    const count = async () => (await database.query('select from workflow_step_result_audit')).rowCount
    const before = await count()
    for (const to_state of [
      'pending',
      'enqueued',
      'in_progress',
      'waiting_for_retry',
      'complete',
      'error',
      'skipped',
    ])
      await insertRow(database.query, 'workflow_step_transitions', transition({}, { to_state }))
    expect(await count()).toBe(before)
  })

  it('is written by the trigger alone: a transition has one, however often it is asked for', async () => {
    const row = transition({})
    await auditOf(database, row)
    const again = insertRow(database.query, 'workflow_step_result_audit', {
      workflow_step_uuid: stepUuid,
      workflow_step_transition_uuid: row['workflow_step_transition_uuid'],
      task_uuid: executionId,
      success: true,
    })
    await expect(again).rejects.toMatchObject({ constraint: 'a_transition_is_audited_once' })
  })

  it.each<[unknown, number | null]>([
    [12, 12],
    [12.5, 13],
    [12.4, 12],
    ['12', 12],
    ['12.5', 13],
    ['1e3', 1000],
    [9_007_199_254_740_991, 9_007_199_254_740_991],
    [9_007_199_254_740_992, null],
    [-1, null],
    [-0.4, null],
    [true, null],
    [null, null],
    [[12], null],
    [{ ms: 12 }, null],
    ['soon', null],
    ['', null],
    ['NaN', null],
    ['Infinity', null],
    ['1e99', null],
    [' 12', null],
  ])('takes an execution time of %j for %j', async (execution_time_ms, expected) => {
    const event = { metadata: { execution_time_ms } }
    expect(await auditOf(database, transition({ event }))).toMatchObject({ execution_time_ms: expected })
    const inText = transition({ event: JSON.stringify(event) })
    expect(await auditOf(database, inText)).toMatchObject({ execution_time_ms: expected })
  })

  it('survives numbers that PostgreSQL has no number for, and those that take long to write', async () => {
    const huge = ['1e400', '-1e400', '1E+999999999', '1e131072', '9'.repeat(1000), `1.${'1'.repeat(20_000)}`]
    const tiny = ['1e-400', '5e-324', `0.${'1'.repeat(500)}`]
    for (const number of [...huge, ...tiny])
      for (const event of [
        `{"metadata":{"execution_time_ms":${number}}}`,
        { metadata: { execution_time_ms: number } },
      ]) {
        const audit = await auditOf(database, transition({ event }))
        expect([null, 0]).toContain(audit.execution_time_ms)
      }
  })

  it('survives a JSON number that is larger than any bigint', async () => {
    const metadata = `{"event":{"success":true,"metadata":{"execution_time_ms":1e400}}}`
    expect(await auditOf(database, { ...transition({}), metadata })).toMatchObject({
      success: true,
      execution_time_ms: null,
    })
  })

  it.each<[unknown, Row, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, failed, true],
    ['true', failed, true],
    ['false', {}, false],
    [1, failed, false],
    ['yes', failed, false],
    [null, {}, true],
    [{}, failed, false],
    [[], {}, true],
  ])('takes success %j under %j for %j', async (success, state, expected) => {
    expect(await auditOf(database, transition({ event: { success } }, state))).toMatchObject({
      success: expected,
    })
  })

  it.each<[unknown, string | null]>([
    [workerUuid, workerUuid],
    [workerUuid.toUpperCase(), workerUuid],
    ['worker-7', null],
    ['', null],
    ['0199a3b4-0000-7000-8000-00000000abc', null],
    ['0199a3b4-0000-7000-8000-00000000abcg', null],
    ['0199a3b4-0000-7000-8000-0000----abcd', null],
    ['--------0000-7000-8000-00000000abcd', null],
    ['0199a3b4_0000_7000_8000_00000000abcd', null],
    [7, null],
    [null, null],
    [{ uuid: workerUuid }, null],
  ])('takes a worker %j for %j', async (worker_uuid, expected) => {
    expect(await auditOf(database, transition({ worker_uuid }))).toMatchObject({ worker_uuid: expected })
  })

  it.each<[unknown, string | null]>([
    ['rr-2026-02-05-abc123', 'rr-2026-02-05-abc123'],
    [7, null],
    [null, null],
    [{ id: 'x' }, null],
  ])('takes a correlation id %j for %j', async (correlation_id, expected) => {
    expect(await auditOf(database, transition({ correlation_id }))).toMatchObject({
      correlation_id: expected,
    })
  })

  it.each<[unknown]>([['no JSON'], ['{"success":'], ['"text"'], ['[]'], [7], [null], [[1]], [true]])(
    'goes by the state where the event is %j',
    async (event) => {
      expect(await auditOf(database, transition({ event }))).toMatchObject({
        success: true,
        execution_time_ms: null,
      })
      expect(await auditOf(database, transition({ event }, failed))).toMatchObject({ success: false })
    },
  )
})

describe('the audit of a step’s result, whatever a worker reports', () => {
  it('never fails the transition', async () => {
    await using database = await openDatabase({ dataDir: 'memory://' })
    await migrate(database)
    const anything = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('\\u0000'))
    const metadata = fc.record(
      {
        worker_uuid: anything,
        correlation_id: anything,
        event: fc.oneof(
          anything,
          anything.map((value) => JSON.stringify(value)),
          fc.record({
            success: anything,
            metadata: fc.oneof(anything, fc.record({ execution_time_ms: anything })),
          }),
        ),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(metadata, fc.boolean(), async (value, success) => {
        const audit = await auditOf(database, transition(value, success ? {} : failed))
        expect(typeof audit.success).toBe('boolean')
        expect(audit.execution_time_ms ?? 0).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 200 },
    )
  })
})

describe.each(databaseKinds)('a history from before the audit on an %s database', (kind) => {
  let database: Database
  const history = [
    transition({
      worker_uuid: workerUuid,
      correlation_id: 'rr-1',
      event: { success: true, metadata: { execution_time_ms: 7 } },
    }),
    transition({ event: '{"success":false,"metadata":{"execution_time_ms":"12.5"}}' }, failed),
    transition({ event: 'no JSON' }, { tenant: 'acme' }),
    transition({}, { to_state: 'complete' }),
  ]
  beforeAll(async () => {
    const place = kind === 'postgres' ? { url: await createEmptyDatabase() } : { dataDir: 'memory://' }
    database = await openDatabase(place)
    await migrate(database, { to: 2 })
    for (const row of history) await insertRow(database.query, 'workflow_step_transitions', row)
    await migrate(database)
  })
  afterAll(() => database.close())

  it('gets its rows, without attribution, and goes on by the trigger', async () => {
    const audits = async () =>
      (
        await database.query(
          `select workflow_step_transition_uuid as transition, task_uuid, worker_uuid, correlation_id, success,
            execution_time_ms, tenant
          from workflow_step_result_audit order by execution_time_ms nulls last`,
        )
      ).rows
    const unattributed = {
      task_uuid: executionId,
      worker_uuid: null,
      correlation_id: null,
      tenant: 'default',
    }
    const expected = [
      { ...unattributed, transition: uuidOf(0), success: true, execution_time_ms: 7 },
      { ...unattributed, transition: uuidOf(1), success: false, execution_time_ms: 13 },
      { ...unattributed, transition: uuidOf(2), success: true, execution_time_ms: null, tenant: 'acme' },
    ]
    expect(await audits()).toEqual(expected)

    await auditOf(database, transition({ worker_uuid: workerUuid }))
    expect(await audits()).toHaveLength(expected.length + 1)
  })

  const uuidOf = (index: number): unknown => history[index]?.['workflow_step_transition_uuid']
})

describe('the printed backfill', () => {
  it('does its work on a history without audit rows, and does nothing the second time', async () => {
    await using database = await openDatabase({ url: await createEmptyDatabase() })
    await migrate(database)
    const step = await insertStep(database)
    const rows = [
      transition({ event: { metadata: { execution_time_ms: 7 } } }, { workflow_step_uuid: step }),
      transition({ event: '{"metadata":{"execution_time_ms":8}}' }, { workflow_step_uuid: step, ...failed }),
      transition({}, { workflow_step_uuid: step, to_state: 'complete' }),
    ]
    await database.query('alter table workflow_step_transitions disable trigger trg_step_result_audit')
    for (const row of rows) await insertRow(database.query, 'workflow_step_transitions', row)
    await database.query('alter table workflow_step_transitions enable trigger trg_step_result_audit')

    const backfill = await readFile(new URL('seed-001-backfill.sql', import.meta.url), 'utf8')
    expect((await database.query(backfill)).rowCount).toBe(2)
    expect((await database.query(backfill)).rowCount).toBe(0)
    const { rows: audits } = await database.query(
      `select task_uuid, worker_uuid, correlation_id, success, execution_time_ms from workflow_step_result_audit
      order by execution_time_ms`,
    )
    const unattributed = { task_uuid: executionId, worker_uuid: null, correlation_id: null }
    expect(audits).toEqual([
      { ...unattributed, success: true, execution_time_ms: 7 },
      { ...unattributed, success: false, execution_time_ms: 8 },
    ])
  })
})

async function insertStep(database: Database): Promise<string> {
  const workflow = { workflow_name: 'w', workflow_version: '1' }
  await insertRow(database.query, 'workflow_definitions', {
    ...workflow,
    definition_hash: 'h',
    definition: {},
  })
  await insertRow(database.query, 'workflow_executions', {
    ...workflow,
    execution_id: executionId,
    definition_hash: 'h',
    status: 'running',
    correlation_id: 'c',
  })
  await insertRow(database.query, 'workflow_steps', {
    ...workflow,
    workflow_step_uuid: stepUuid,
    execution_id: executionId,
    step_index: 0,
    name: 's',
    action: 's',
    service_name: 's',
    operation_type: 'DO',
    status: 'pending',
    max_retries: 0,
    timeout_ms: 1,
  })
  return stepUuid
}
