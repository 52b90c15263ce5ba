import { randomUUID } from 'node:crypto'
import { uuidV7 } from '@steptrail/event'
import { describeOnBoth } from '@steptrail/testkit'
import type { ExecutionAuditInput } from '@steptrail/workflow'
import { beforeAll, expect, it } from 'vitest'
import type { Database } from '../database/database.ts'
import { listExecutionAudits, readExecutionAudit } from './read-execution-audit.ts'
import { storeWorkflowExecutionAudit } from './store-execution-audit.ts'

const full: ExecutionAuditInput = {
  remediation_id: 'rr-2026-11-0007',
  workflow_name: 'scale-out',
  workflow_version: 'v2',
  total_steps: 3,
  steps_completed: 2,
  steps_failed: 1,
  total_duration: 95_000_000_000,
  outcome: 'failed',
  effectiveness_score: 0.42,
  rollbacks_performed: 1,
  step_executions: [
    {
      step_number: 1,
      action: 'ScaleReplicas',
      duration: 5_234_000_000,
      status: 'completed',
      retries_attempted: 0,
    },
    {
      step_number: 2,
      action: 'RestartPod',
      duration: 60_000_000_000,
      status: 'failed',
      retries_attempted: 3,
      error_message: 'no answer, password=hunter2',
    },
  ],
  adaptive_adjustments: [
    { step_number: 2, adjustment_type: 'timeout', reason: 'slow node', timestamp: '2026-03-01T10:00:00Z' },
  ],
  completed_at: '2026-03-01T10:01:35Z',
  status: 'failed',
  error_message: 'no answer',
}

describeOnBoth('an execution audit of another engine', (open, kind) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })

  it('is stored as it was posted, without its secrets', async () => {
    const { id, outcome } = await storeWorkflowExecutionAudit(database, full, { tenant: 'acme' })
    expect(outcome).toBe('created')
    expect(await readExecutionAudit(database, id)).toMatchObject({
      id,
      remediationId: 'rr-2026-11-0007',
      totalDurationMs: 95_000,
      effectivenessScore: 0.42,
      stepExecutions: [
        { action: 'ScaleReplicas', durationMs: 5_234, errorMessage: null },
        {
          action: 'RestartPod',
          durationMs: 60_000,
          errorMessage: expect.not.stringContaining('hunter2') as string,
        },
      ],
      adaptiveAdjustments: [{ timestamp: '2026-03-01T10:00:00.000Z' }],
      executionId: null,
      endedSeq: null,
      tenant: 'acme',
    })
    const { rows } = await database.query<{ duration: number }>(
      `select (step_executions -> 0 ->> 'duration')::bigint as duration
      from workflow_execution_audit where id = $1`,
      [id],
    )
    expect(rows).toEqual([{ duration: 5_234 }])
  })

  it('is stored once however often it comes with its id, which fixes created_at', async () => {
    const at = Date.parse('2026-10-31T23:59:59.999Z')
    for (const id of [uuidV7(at), randomUUID()]) {
      const post = () => storeWorkflowExecutionAudit(database, { ...full, id: id.toUpperCase() })
      expect(await post()).toEqual({ id, outcome: 'created' })
      expect(await post()).toEqual({ id, outcome: 'duplicate' })
      const { rows } = await database.query<{ created_at: string }>(
        'select created_at from workflow_execution_audit where id = $1',
        [id],
      )
      expect(rows).toHaveLength(1)
      if (id[14] === '7') expect(rows[0]?.created_at).toBe('2026-10-31T23:59:59.999Z')
      await expect(
        storeWorkflowExecutionAudit(database, { ...full, id, status: 'other' }),
      ).rejects.toMatchObject({ code: 'audit_conflict' })
    }
  })

  it.runIf(kind === 'postgres')('is stored once when it comes twice at the same time', async () => {
    const id = randomUUID()
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => storeWorkflowExecutionAudit(database, { ...full, id })),
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
  })

  it('without a correlation id has its own id for one', async () => {
    const { id } = await storeWorkflowExecutionAudit(database, { ...full, remediation_id: '' })
    expect((await readExecutionAudit(database, id))?.remediationId).toBe(id)
  })

  it('is refused when its id is of the future or of before 2000', async () => {
    for (const at of [Date.now() + 2 * 3_600_000, Date.UTC(1999)])
      await expect(storeWorkflowExecutionAudit(database, { ...full, id: uuidV7(at) })).rejects.toMatchObject({
        code: 'invalid_audit',
        details: { path: 'id' },
      })
  })

  it('is listed by its filters, page by page', async () => {
    for (const [index, outcome] of (['success', 'failed', 'success'] as const).entries())
      await storeWorkflowExecutionAudit(database, {
        ...full,
        id: uuidV7(Date.parse('2026-09-01T00:00:00.000Z') + index),
        workflow_name: 'listed',
        outcome,
      })
    const first = await listExecutionAudits(database, { workflowName: 'listed', limit: 2 })
    const second = await listExecutionAudits(database, {
      workflowName: 'listed',
      limit: 2,
      cursor: first.nextCursor ?? '',
    })
    expect([...first.items, ...second.items].map(({ createdAt }) => createdAt.slice(20, 23))).toEqual([
      '002',
      '001',
      '000',
    ])
    expect(second.nextCursor).toBeNull()
    const failures = await listExecutionAudits(database, { workflowName: 'listed', outcome: 'failed' })
    expect(failures.items).toHaveLength(1)
    await expect(listExecutionAudits(database, { outcome: 'fine' as 'failed' })).rejects.toMatchObject({
      code: 'invalid_filter',
      details: { filter: 'outcome' },
    })
  })
})
