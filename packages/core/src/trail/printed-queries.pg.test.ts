import { readFileSync } from 'node:fs'
import { describeOnBoth } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { scriptedRun, timeout } from '../../test/scripted-run.ts'
import type { Database } from '../database/database.ts'

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
})
