import { readFileSync } from 'node:fs'
import { describeOnBoth } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { scriptedRun, timeout } from '../../test/scripted-run.ts'
import type { Database } from '../database/database.ts'
import { storeWorkflowExecutionAudit } from '../execution-audit/store-execution-audit.ts'

const page = readFileSync(new URL('../../../../docs/reference/queries.md', import.meta.url), 'utf8')

/** The statements of the page by their number. */
const statements = new Map(
  [...page.matchAll(/^### (\d+)\. [^\n]+\n[^`]*(?:`[^`\n]+`[^`]*)*```sql\n(.*?)^```$/gms)].map(
    ([, number = '', sql = '']) => [Number(number), sql],
  ),
)

const hourMs = 3_600_000
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString()

describe('the page of queries', () => {
  it('numbers its statements from 1', () => {
    expect([...statements.keys()]).toEqual(Array.from({ length: statements.size }, (_, index) => index + 1))
    expect(statements.size).toBe(page.match(/^```sql$/gm)?.length)
  })
})

describeOnBoth('the printed queries', (open) => {
  let database: Database
  let retried: string

  /** What a statement gives, unchanged but for the id of the execution. */
  async function run(number: number, executionId = ''): Promise<Record<string, unknown>[]> {
    const statement = statements.get(number) ?? ''
    expect(statement.includes(`'abc123'`)).toBe(executionId !== '')
    const { rows } = await database.query<Record<string, unknown>>(
      statement.replace(`'abc123'`, `'${executionId}'`),
    )
    return rows
  }

  beforeAll(async () => {
    database = await open()
    const old = await scriptedRun(database, ago(8 * 24 * hourMs))
    await old.run([1, timeout(1), 1, 1])
    const { run: execute } = await scriptedRun(database, ago(hourMs))
    await execute([100, 5234, 300])
    retried = await execute([50, timeout(10), timeout(20), 3456, 40])
    await execute([70, 80, timeout(1), timeout(2), timeout(3), timeout(4), 9, 11])
  })

  it('1: all events of a step, in the order in which they happened', async () => {
    const rows = await run(1, retried)
    const failed = { status: 'FAILED', reason: 'Connection timeout' }
    const none = { status: null, reason: null, duration_ms: null }
    expect(rows).toMatchObject([
      { ...none, event_type: 'STEP_STARTED', retry_count: null },
      { ...failed, event_type: 'STEP_FAILED', retry_count: 0, duration_ms: 10 },
      {
        ...none,
        event_type: 'STEP_RETRY_TRIGGERED',
        retry_count: 1,
        details: { backoffMs: 5000, maxRetries: 3 },
      },
      { ...failed, event_type: 'STEP_FAILED', retry_count: 1, duration_ms: 20 },
      {
        ...none,
        event_type: 'STEP_RETRY_TRIGGERED',
        retry_count: 2,
        details: { backoffMs: 5000, maxRetries: 3 },
      },
      { event_type: 'STEP_SUCCESS', status: 'SUCCESS', retry_count: 2, duration_ms: 3456 },
    ])
    expect(Object.keys(rows[0] ?? {})).toEqual([
      'event_type',
      'status',
      'retry_count',
      'duration_ms',
      'timestamp',
      'reason',
      'details',
    ])
    const times = rows.map((row) => String(row['timestamp']))
    expect(times).toEqual([...new Set(times)].toSorted())
  })

  it('2: how often steps were retried, and how long they waited', async () => {
    expect(await run(2, retried)).toEqual([
      { step_name: 'createClient', retry_count: 2, avg_backoff_ms: '5000.0000000000000000' },
    ])
  })

  it('3: the successes of an execution, the slowest first', async () => {
    expect(await run(3, retried)).toMatchObject([
      { step_name: 'createClient', duration_ms: 3456, retry_count: 2, service_name: 'client-worker-service' },
      { step_name: 'createRealm', duration_ms: 50, retry_count: 0, service_name: 'realm-worker-service' },
      {
        step_name: 'createDefaultUser',
        duration_ms: 40,
        retry_count: 0,
        service_name: 'user-worker-service',
      },
    ])
  })

  it('4: how long steps took in the last seven days, the slowest first', async () => {
    const rows = await run(4)
    expect(rows.map((row) => ({ ...row, avg_duration_ms: Number(row['avg_duration_ms']) }))).toEqual([
      {
        step_name: 'createClient',
        avg_duration_ms: 2194.75,
        min_duration_ms: 9,
        max_duration_ms: 5234,
        execution_count: 4,
      },
      {
        step_name: 'createDefaultUser',
        avg_duration_ms: 170,
        min_duration_ms: 40,
        max_duration_ms: 300,
        execution_count: 2,
      },
      {
        step_name: 'createRealm',
        avg_duration_ms: 57.75,
        min_duration_ms: 11,
        max_duration_ms: 100,
        execution_count: 4,
      },
    ])
  })

  it('5: how many retries of the last seven days led to success', async () => {
    const rows = await run(5)
    const byName = rows.toSorted((a, b) => (String(a['step_name']) < String(b['step_name']) ? -1 : 1))
    expect(byName).toEqual([
      {
        step_name: 'createClient',
        total_retries: 2,
        successful_after_retry: 1,
        retry_success_rate_pct: '50.00',
      },
      {
        step_name: 'createDefaultUser',
        total_retries: 3,
        successful_after_retry: 0,
        retry_success_rate_pct: '0.00',
      },
      { step_name: 'createRealm', total_retries: 0, successful_after_retry: 0, retry_success_rate_pct: null },
      { step_name: null, total_retries: 0, successful_after_retry: 0, retry_success_rate_pct: null },
    ])
  })

  const numbers = (rows: readonly Record<string, unknown>[]): readonly Record<string, unknown>[] =>
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          typeof value === 'string' && /^[0-9.]+$/.test(value) ? Number(value) : value,
        ]),
      ),
    )

  it('6: which workflows are effective', async () => {
    expect(numbers(await run(6))).toEqual([
      {
        workflow_name: 'tenant-provisioning',
        execution_count: 3,
        avg_effectiveness: expect.closeTo((0.95 + 1 + 0.9) / 3, 12) as number,
        avg_steps: 3,
        avg_duration_seconds: expect.closeTo((5.013 + 5.634 + 13.596) / 3, 2) as number,
      },
    ])
  })

  it('7: which workflows fail, and why', async () => {
    expect(numbers(await run(7))).toEqual([
      {
        workflow_name: 'tenant-provisioning',
        failure_count: 1,
        avg_failed_steps: 1,
        error_patterns: ['Connection timeout to Keycloak service'],
      },
    ])
  })

  it('8: which steps are slow, from their start to their outcome', async () => {
    expect(numbers(await run(8))).toEqual([
      {
        workflow_name: 'tenant-provisioning',
        action_type: 'createClient',
        execution_count: 3,
        avg_duration_ms: expect.closeTo((5_234 + 13_506 + 80) / 3, 4) as number,
        p95_duration_ms: expect.closeTo(13_506 - 0.1 * (13_506 - 5_234), 4) as number,
      },
      {
        workflow_name: 'tenant-provisioning',
        action_type: 'createDefaultUser',
        execution_count: 3,
        avg_duration_ms: expect.closeTo((300 + 40 + 15_040) / 3, 4) as number,
        p95_duration_ms: expect.closeTo(15_040 - 0.1 * (15_040 - 300), 4) as number,
      },
      {
        workflow_name: 'tenant-provisioning',
        action_type: 'createRealm',
        execution_count: 3,
        avg_duration_ms: expect.closeTo((100 + 50 + 70) / 3, 4) as number,
        p95_duration_ms: expect.closeTo(97, 4) as number,
      },
    ])
  })

  it('9: which actions needed retries', async () => {
    expect(numbers(await run(9))).toEqual([
      { action_type: 'createDefaultUser', avg_retries: 3, total_executions: 1, failures: 1 },
      { action_type: 'createClient', avg_retries: 2, total_executions: 1, failures: 0 },
    ])
  })

  it('10: what was adjusted, and why', async () => {
    const adjustment = { step_number: 1, adjustment_type: 'timeout', reason: 'slow node' }
    await storeWorkflowExecutionAudit(database, {
      workflow_name: 'elsewhere',
      workflow_version: 'v1',
      total_steps: 1,
      outcome: 'partial',
      adaptive_adjustments: [adjustment, { ...adjustment, adjustment_type: 'retry' }, adjustment],
    })
    expect(await run(10)).toEqual([
      { adjustment_type: 'timeout', reason: 'slow node', frequency: 2 },
      { adjustment_type: 'retry', reason: 'slow node', frequency: 1 },
    ])
  })

  it('11: the nearly empty audit that a client of another engine posts', async () => {
    await storeWorkflowExecutionAudit(database, {
      id: '',
      remediation_id: '',
      workflow_name: 'test-workflow',
      workflow_version: 'v1',
      total_steps: 3,
      steps_completed: 3,
      steps_failed: 0,
      total_duration: 0,
      outcome: 'success',
      effectiveness_score: 0.95,
      rollbacks_performed: 0,
      step_executions: null,
      adaptive_adjustments: null,
      completed_at: '0001-01-01T00:00:00Z',
      status: '',
    })
    const { rows } = await database.query<Record<string, unknown>>(statements.get(11) ?? '', [
      'test-workflow',
    ])
    expect(rows).toMatchObject([
      { outcome: 'success', effectiveness_score: 0.95, total_duration: null, completed_at: null },
    ])
    expect(Object.keys(rows[0] ?? {}).slice(0, 17)).toEqual([
      'id',
      'remediation_id',
      'workflow_name',
      'workflow_version',
      'total_steps',
      'steps_completed',
      'steps_failed',
      'total_duration',
      'outcome',
      'effectiveness_score',
      'rollbacks_performed',
      'step_executions',
      'adaptive_adjustments',
      'completed_at',
      'status',
      'error_message',
      'created_at',
    ])
  })

  it('12: audits of more than ninety days are archived, once', async () => {
    const ancient = await scriptedRun(database, ago(100 * 24 * hourMs))
    const executionId = await ancient.run([1, 2, 3])
    for (let time = 1; time <= 2; time += 1) await run(12)
    const { rows } = await database.query(
      `select archived.*, archived = audit as is_same
      from workflow_execution_audit_archive as archived
      join workflow_execution_audit as audit using (id, created_at)`,
    )
    expect(rows).toHaveLength(1)
    expect(rows).toMatchObject([{ execution_id: executionId }])
  })

  it('13: nothing is deleted by hand', async () => {
    await expect(run(13)).rejects.toMatchObject({ code: 'append_only' })
  })
})
