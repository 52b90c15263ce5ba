import { readFileSync } from 'node:fs'
import { type Database, openDatabase } from '@steptrail/core'
import {
  createMigratedDatabase,
  type DatabaseKind,
  databaseKinds,
  openTestDatabase,
  releaseAfterTest,
} from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Progress, type ProvisioningReport, provisionTenants } from './provision-tenants.ts'

interface EventRow {
  readonly event_type: string
  readonly step_name: string | null
  readonly operation_type: string | null
  readonly retry_count: number | null
  readonly reason: string | null
  readonly details: Readonly<Record<string, unknown>>
}

type Row = Readonly<Record<string, unknown>>

interface Run {
  /** What each printed query gave, in the order of the page. */
  readonly printed: readonly (readonly Row[])[]
  readonly report: ProvisioningReport
  readonly progress: readonly Progress[]
  readonly events: ReadonlyMap<string, readonly EventRow[]>
  readonly workers: readonly {
    readonly worker_uuid: string
    readonly service_name: string
    readonly pid: number
  }[]
}

/** An event as `TYPE step OPERATION (retry_count)`, as far as it has them. */
const told = ({ event_type, step_name, operation_type, retry_count }: EventRow): string =>
  [event_type, step_name, operation_type, retry_count === null ? null : `(${retry_count})`]
    .filter((part) => part !== null)
    .join(' ')

const steps = ['createRealm', 'createClient', 'setupDefaultRoles', 'createDefaultUser']
const worked = (step: string, operation = 'DO'): readonly string[] => [
  `STEP_STARTED ${step} ${operation}`,
  `STEP_SUCCESS ${step} ${operation} (0)`,
]

describe.each(databaseKinds)('provisioning tenants on %s', (kind) => {
  let run: Run

  beforeAll(async () => {
    run = await play(kind)
  })

  const eventsOf = (tenant: string): readonly EventRow[] => run.events.get(tenant) ?? []

  it('ends each execution as its story says, and every check passes', () => {
    expect(run.report.played.map(({ tenant, execution }) => [tenant, execution.status])).toEqual([
      ['acme-1', 'completed'],
      ['globex-1', 'completed'],
      ['initech-1', 'failed'],
      ['umbrella-1', 'completed'],
    ])
    expect(run.report.checks.filter(({ passed }) => !passed)).toEqual([])
    expect(run.report.checks).toHaveLength(8)
  })

  it('goes straight through where nothing is in the way', () => {
    expect(eventsOf('acme-1').map(told)).toEqual([
      'ORCHESTRATION_STARTED',
      ...steps.flatMap((step) => worked(step)),
      'ORCHESTRATION_COMPLETED',
    ])
  })

  it('retries while the database refuses, and succeeds once it no longer does', () => {
    const createClient = eventsOf('globex-1').filter(({ step_name }) => step_name === 'createClient')
    expect(createClient.map(told)).toEqual([
      'STEP_STARTED createClient DO',
      'STEP_FAILED createClient DO (0)',
      'STEP_RETRY_TRIGGERED createClient DO (1)',
      'STEP_FAILED createClient DO (1)',
      'STEP_RETRY_TRIGGERED createClient DO (2)',
      'STEP_SUCCESS createClient DO (2)',
    ])
    expect(createClient[1]).toMatchObject({
      reason: 'the clients of globex-1 are under maintenance',
      details: {
        errorCode: '55P03',
        errorMessage: 'client registry of realm globex-1 is locked by nightly-backup',
      },
    })
  })

  it('rolls back in reverse order when the retries are exhausted', () => {
    expect(eventsOf('initech-1').map(told)).toEqual([
      'ORCHESTRATION_STARTED',
      ...steps.slice(0, 3).flatMap((step) => worked(step)),
      'STEP_STARTED createDefaultUser DO',
      ...[1, 2, 3].flatMap((retry) => [
        `STEP_FAILED createDefaultUser DO (${retry - 1})`,
        `STEP_RETRY_TRIGGERED createDefaultUser DO (${retry})`,
      ]),
      'STEP_FAILED createDefaultUser DO (3)',
      'ORCHESTRATION_FAILED',
      'ROLLBACK_TRIGGERED',
      'ROLLBACK_STARTED',
      ...['setupDefaultRoles', 'createClient', 'createRealm'].flatMap((step) => worked(step, 'UNDO')),
      'ROLLBACK_COMPLETED',
    ])
    expect(eventsOf('initech-1').find(({ event_type }) => event_type === 'STEP_FAILED')).toMatchObject({
      reason: 'the e-mail address admin@acme-1.example belongs to another tenant',
      details: { errorCode: '23505' },
    })
  })

  it('records that a worker was lost in its step, and another finishes it', () => {
    const roles = eventsOf('umbrella-1').filter(({ step_name }) => step_name === 'setupDefaultRoles')
    expect(roles.map(told)).toEqual([
      'STEP_STARTED setupDefaultRoles DO',
      'STEP_FAILED setupDefaultRoles DO (0)',
      'STEP_RETRY_TRIGGERED setupDefaultRoles DO (1)',
      'STEP_SUCCESS setupDefaultRoles DO (1)',
    ])
    expect(roles[1]?.details).toMatchObject({ errorCode: 'worker_lost', outcomeUnknown: true })
    const [lost, other] = run.workers.filter(({ service_name }) => service_name === 'role-worker-service')
    expect([roles[1]?.details['workerUuid'], roles[3]?.details['workerUuid']]).toEqual([
      lost?.worker_uuid,
      other?.worker_uuid,
    ])
  })

  it('runs its workers in processes of their own on PostgreSQL, and in this one on the embedded database', () => {
    const processes = new Set(run.workers.map(({ pid }) => pid))
    expect(run.workers).toHaveLength(5)
    expect(processes.size).toBe(kind === 'embedded' ? 1 : 5)
    expect(processes.has(process.pid)).toBe(kind === 'embedded')
  })

  it('answers the printed queries, unchanged, on what it recorded', () => {
    const { printed } = run
    const client = eventsOf('globex-1').filter(({ step_name }) => step_name === 'createClient')
    expect(printed[0]?.map((row) => [row['event_type'], row['retry_count']])).toEqual(
      client.map(({ event_type, retry_count }) => [event_type, retry_count]),
    )
    const waits = client
      .flatMap(({ details }) => Number(details['backoffMs'] ?? Number.NaN))
      .filter(Number.isFinite)
    const [retries, ...others] = printed[1] ?? []
    expect(others).toEqual([])
    expect(retries).toMatchObject({ step_name: 'createClient', retry_count: waits.length })
    expect(Number(retries?.['avg_backoff_ms'])).toBeCloseTo(
      waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
    )
    const durations = (printed[2] ?? []).map((row) => Number(row['duration_ms']))
    expect(durations).toEqual(durations.toSorted((one, other) => other - one))
    expect(printed[2]?.map((row) => row['step_name']).toSorted()).toEqual(steps.toSorted())
    const succeeded = (step: string): number =>
      [...run.events.values()]
        .flat()
        .filter(({ event_type, step_name }) => event_type === 'STEP_SUCCESS' && step_name === step).length
    expect(new Map(printed[3]?.map((row) => [row['step_name'], row['execution_count']]))).toEqual(
      new Map(steps.map((step) => [step, succeeded(step)])),
    )
    const client5 = printed[4]?.find((row) => row['step_name'] === 'createClient')
    expect(client5).toMatchObject({
      total_retries: 2,
      successful_after_retry: 1,
      retry_success_rate_pct: '50.00',
    })
  })

  it('leaves no program of its own behind', () => {
    for (const { pid } of run.workers.filter((worker) => worker.pid !== process.pid))
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

async function play(kind: DatabaseKind): Promise<Run> {
  const url = kind === 'postgres' ? await createMigratedDatabase() : undefined
  const database = url === undefined ? await openTestDatabase(kind) : await openDatabase({ url })
  if (url !== undefined) releaseAfterTest(() => database.close())
  const progress: Progress[] = []
  const report = await provisionTenants({ database, url, onProgress: (each) => void progress.push(each) })
  const events = new Map<string, readonly EventRow[]>()
  for (const { tenant, execution } of report.played)
    events.set(tenant, await eventRows(database, execution.executionId))
  const { rows: workers } = await database.query<Run['workers'][number]>(
    'select worker_uuid, service_name, pid from workflow_workers order by registered_at',
  )
  const globex = report.played.find(({ tenant }) => tenant === 'globex-1')?.execution.executionId ?? ''
  const printed = await printedQueries(database, globex)
  return { report, progress, events, workers, printed }
}

async function printedQueries(database: Database, executionId: string): Promise<Run['printed']> {
  const whole = readFileSync(new URL('../../../docs/reference/queries.md', import.meta.url), 'utf8')
  const [page = ''] = whole.split('## How executions went')
  const statements = page.matchAll(/^```sql\n(.*?)^```$/gms)
  const answers: (readonly Row[])[] = []
  for (const [, statement = ''] of statements) {
    const { rows } = await database.query<Row>(statement.replace(`'abc123'`, `'${executionId}'`))
    answers.push(rows)
  }
  return answers
}

async function eventRows(database: Database, executionId: string): Promise<readonly EventRow[]> {
  const { rows } = await database.query<EventRow>(
    `select event_type, step_name, operation_type, retry_count, reason, details
     from audit_event where execution_id = $1 order by execution_seq`,
    [executionId],
  )
  return rows
}
