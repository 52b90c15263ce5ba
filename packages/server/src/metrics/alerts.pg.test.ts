import { readFile } from 'node:fs/promises'
import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { asked } from '../../test/asking.ts'
import { evaluate, type Observed, type Sample, samplesOf } from '../../test/evaluate-alert.ts'
import { createServer } from '../index.ts'

const audit = {
  workflow_name: 'payroll',
  workflow_version: '1',
  total_steps: 4,
  steps_completed: 4,
  steps_failed: 0,
  total_duration_ms: 1_000,
  outcome: 'success',
  effectiveness_score: 0.9,
}
const failedAudit = {
  ...audit,
  steps_completed: 1,
  steps_failed: 1,
  outcome: 'failed',
  effectiveness_score: 0.1,
}

/** The real sample with another value: so neither its name nor its labels are made up. */
const changed = (samples: readonly Sample[], name: string, value: number): readonly Sample[] => {
  expect(
    samples.some((sample) => sample.name === name),
    name,
  ).toBe(true)
  return samples.map((sample) => (sample.name === name ? { ...sample, value } : sample))
}
const up = (value: number): Sample => ({ name: 'up', labels: { job: 'steptrail' }, value })

describe('each alert', () => {
  let quiet: Observed
  let troubled: Observed
  const alerts = new Map<string, string>()

  beforeAll(async () => {
    const text = await readFile(new URL('../../../../ops/prometheus/alerts.yml', import.meta.url), 'utf8')
    for (const [, name = '', expression = ''] of text.matchAll(
      /- alert: (\w+)\n +expr: (?:>-\n)?([\s\S]*?)\n {8}(?:for|labels):/g,
    ))
      alerts.set(name, expression.replaceAll(/\s+/g, ' ').trim())
    const database = await openTestDatabase('embedded')
    const trail = createTrail(database)
    await using server = await createServer({ trail, holdsClock: false })
    const ask = asked(server)
    const post = (body: object) => ask.post('/api/v1/audit/workflow-execution', body)
    const scrape = async () => [...samplesOf((await ask.get('/metrics')).text), up(1)]
    for (const each of [audit, failedAudit, audit]) await post(each)
    const before = await scrape()
    await post(audit)
    await database.query(
      `insert into retention_run (status, actor_type, actor_id, ended_at)
      values ('done', 'system', 'retention', clock_timestamp())`,
    )
    quiet = { before, after: await scrape(), seconds: Date.now() / 1000 }
    await post(failedAudit)
    await post({ ...audit, total_duration_ms: -1 })
    await database.query(
      `update retention_run set started_at = started_at - interval '3 days', ended_at = ended_at - interval '3 days'`,
    )
    const { rows } = await database.query<{ name: string }>(
      `select relname::text as name from pg_class
      where relname ~ '^audit_event_\\d{4}_\\d{2}$' order by relname desc limit 2`,
    )
    for (const { name } of rows) await database.query(`alter table audit_event detach partition ${name}`)
    troubled = { before: quiet.after, after: await scrape(), seconds: Date.now() / 1000 }
  })

  const fires = (name: string, observed: Observed): boolean =>
    evaluate(alerts.get(name) ?? '', observed).length > 0

  it.each([
    'SteptrailWorkflowsFail',
    'SteptrailWorkflowIneffective',
    'SteptrailAuditStorageFails',
    'SteptrailPartitionsMissing',
    'SteptrailRetentionStale',
  ])('%s fires on a server that was brought to it, and not before', (name) => {
    expect([fires(name, quiet), fires(name, troubled)]).toEqual([false, true])
  })

  it.each([
    ['SteptrailDown', 'up', 0],
    ['SteptrailEventsDropped', 'steptrail_recorder_events_total', 3],
    ['SteptrailSpoolGrows', 'steptrail_recorder_spool_bytes', 1],
    ['SteptrailLongTransaction', 'steptrail_database_oldest_write_seconds', 601],
  ])('%s fires where the scrape has %s at %s, and not before', (name, metric, value) => {
    expect([
      fires(name, quiet),
      fires(name, { ...quiet, after: changed(quiet.after, metric, value) }),
    ]).toEqual([false, true])
  })

  it('SteptrailServerErrors fires where requests fail for reasons of the server', () => {
    const failing = (value: number): readonly Sample[] => [
      ...quiet.after,
      {
        name: 'steptrail_http_requests_total',
        labels: { method: 'GET', route: '/*', status: '503' },
        value,
      },
    ]
    expect(fires('SteptrailServerErrors', quiet)).toBe(false)
    expect(fires('SteptrailServerErrors', { ...quiet, before: failing(0), after: failing(40) })).toBe(true)
  })

  it('SteptrailSealingBehind fires where an event has waited, of which there is no sample without a log', () => {
    const waited = (value: number): Observed => ({
      ...quiet,
      after: [{ name: 'steptrail_log_oldest_unsealed_seconds', labels: {}, value }],
    })
    expect([60, 61].map((value) => fires('SteptrailSealingBehind', waited(value)))).toEqual([false, true])
  })

  it.each([
    ['SteptrailIngestBehind', 'steptrail_ingest_waiting_messages', 10_000, 10_001],
    ['SteptrailStreamAway', 'steptrail_ingest_stream_answers', 1, 0],
  ])('%s fires by %s, of which there is no sample without an ingester', (name, metric, well, ill) => {
    const seen = (value: number): Observed => ({ ...quiet, after: [{ name: metric, labels: {}, value }] })
    expect([quiet, seen(well), seen(ill)].map((observed) => fires(name, observed))).toEqual([
      false,
      false,
      true,
    ])
  })

  it('is among these', () => {
    expect(alerts.size).toBe(13)
  })
})
