import { createTrail } from '@steptrail/core'
import { openTestDatabase, simulateHistory, writeHistory } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { createServer, type Server } from '../index.ts'

const nearlyEmpty = {
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
}
const path = '/api/v1/audit/workflow-execution'

describe('audits, reports and retention over HTTP', () => {
  let ask: Asking
  let server: Server
  let text = ''

  beforeAll(async () => {
    const database = await openTestDatabase('embedded')
    server = await createServer({ trail: createTrail(database), holdsClock: false })
    ask = asked(server)
    const untilMs = Date.now() + 60_000
    const history = simulateHistory({ seed: 11, executions: 40, fromMs: Date.now() + 1_000, untilMs })
    await writeHistory(database, history)
  })
  afterAll(() => server.close())

  it('store the nearly empty record of another engine, and answer a repeat as the first', async () => {
    const { status, body } = await ask.post(path, nearlyEmpty)
    expect({ status, body }).toEqual({ status: 201, body: { id: expect.any(String) as string } })
    const again = { ...nearlyEmpty, id: body.id as string }
    const { status: repeated, headers } = await ask.post(path, again)
    expect([repeated, headers.get('idempotent-replayed')]).toEqual([201, 'true'])
    const key = { 'idempotency-key': 'once' }
    const first = await ask.post(path, nearlyEmpty, key)
    const second = await ask.post(path, nearlyEmpty, key)
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(await ask.post(path, { ...again, status: 'other' })).toMatchObject({
      status: 409,
      body: { code: 'audit_conflict' },
    })
    const listed = await ask.get(`${path}?workflow_name=test-workflow`)
    expect(listed.body.audits).toHaveLength(2)
  })

  it.each([
    ['total_duration', { total_duration: -1 }],
    ['steps_completed', { steps_completed: 4 }],
    ['outcome', { outcome: 'great' }],
    ['error_message', { error_message: 'x'.repeat(10_000_000) }],
  ])('refuse a bad %s by its name', async (field, change) => {
    const { status, text: answer } = await ask.post(path, { ...nearlyEmpty, ...change })
    expect(status).toBe(400)
    expect(answer).toContain(field)
    expect(answer.length).toBeLessThan(2_000)
  })

  it('refuse a body that is too large', async () => {
    expect(await ask.post(path, 'x'.repeat(17 * 1024 * 1024))).toMatchObject({ status: 413 })
  })

  it('make every report, and refuse one that there is not', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const { status, body } = await ask.get(`/api/v1/analytics/slow-steps?operation=DO&limit=3&until=${until}`)
    expect(status).toBe(200)
    expect(body.rows).toHaveLength(3)
    expect(await ask.get('/api/v1/analytics/best-steps')).toMatchObject({ status: 404 })
    expect(await ask.get('/api/v1/analytics/slow-steps?since=yesterday')).toMatchObject({ status: 400 })
  })

  it('place and release holds, and set policies, with who and why', async () => {
    const reason = 'the audit of spring'
    const placed = await ask.post('/api/v1/retention/holds', { match: { workflow: 'w' }, reason })
    expect(placed.status).toBe(201)
    const released = await ask.post(`/api/v1/retention/holds/${placed.body.holdId}/release`, { reason })
    expect(released.status).toBe(200)
    expect((await ask.get('/api/v1/retention/holds')).body.holds).toMatchObject([
      { reason, released: { reason } },
    ])
    const policy = { match: { workflow: 'w' }, keepDays: 10 }
    expect((await ask.post('/api/v1/retention/policies', { ...policy, reason })).status).toBe(200)
    expect((await ask.get('/api/v1/retention/policies')).body.policies).toEqual([policy])
    expect((await ask.get('/api/v1/retention/plan')).body.months).toEqual([])
    expect((await ask.get('/api/v1/retention/runs')).body.runs).toEqual([])
  })

  it('give Prometheus what it needs, with bounded labels', async () => {
    text = (await ask.get('/metrics')).text
    expect(text).toMatch(
      /^steptrail_workflow_execution_duration_seconds_count\{.*workflow_name="order-fulfilment".*\} \d+$/m,
    )
    expect(text).toMatch(
      /^steptrail_workflow_step_executions_total\{.*action="Ship",status="completed"\} \d+$/m,
    )
    expect(text).toMatch(/^steptrail_workflow_effectiveness_score\{workflow_name="nightly-report"\} [\d.]+$/m)
    expect(text).toMatch(/^steptrail_workflow_audit_storage_operations_total\{status="success"\} [1-9]/m)
    expect(text).toMatch(/^steptrail_workflow_audit_storage_operations_total\{status="error"\} [1-9]/m)
    expect(text).toMatch(/^steptrail_partitions_ahead_months\{table="audit_event"\} 2$/m)
    expect(text).toMatch(/^steptrail_http_requests_total\{.*route="\/api\/v1\/analytics\/:report".*\} \d+$/m)
    expect(text).toMatch(/^steptrail_recorder_events_total\{outcome="written",reason=""\} 0$/m)
    const counted = /^steptrail_workflow_execution_duration_seconds_count.*$/gm
    const again = (await ask.get('/metrics')).text
    expect(again.match(counted)).toEqual(text.match(counted))
  })
})
