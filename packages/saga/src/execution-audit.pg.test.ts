import {
  type Database,
  getExecutionAudit,
  getExecutionEvents,
  listExecutionAudits,
  reconstructExecution,
  sha256,
  type StoredExecutionAudit,
} from '@steptrail/core'
import { canonicalJson } from '@steptrail/verify'
import { createSaga } from '@steptrail/saga'
import { describeOnBoth } from '@steptrail/testkit'
import { executionAuditJson } from '@steptrail/workflow'
import { expect, test } from 'vitest'
import { provision, scripted, single } from '../test/scripted-saga.ts'

const by = { actor: { type: 'user', id: 'olga' }, reason: 'it takes too long' } as const
const taken = { message: 'the name is taken' }
const isCloseTo = (score: number): number => expect.closeTo(score, 12) as number

/** The audit of an execution's last end, which there has to be. */
async function auditOf(database: Database, executionId: string): Promise<StoredExecutionAudit> {
  const audit = await getExecutionAudit(database, executionId)
  if (!audit) throw new Error(`${executionId} has no audit`)
  return audit
}

describeOnBoth('the audit of an execution', (open) => {
  test('says of a success what each step took, and has its digest in the last event', async () => {
    const database = await open()
    const { clock, saga, perform } = await scripted(database)
    const { executionId } = await saga.start(
      provision,
      { tenant: 'acme' },
      { correlationId: 'rr-7', tenant: 'acme' },
    )
    const startedAt = clock.now()
    expect(await getExecutionAudit(database, executionId)).toBeNull()
    expect(await reconstructExecution(database, executionId)).toBeNull()
    await perform(100)
    await perform(30, taken)
    clock.advance(5_010)
    await saga.tick()
    await perform(70)
    await perform(200)
    const audit = await auditOf(database, executionId)
    const at = new Date(clock.now()).toISOString()
    const step = { status: 'completed', retriesAttempted: 0, errorMessage: null }
    expect(audit).toEqual({
      id: expect.any(String) as string,
      remediationId: 'rr-7',
      workflowName: 'provision',
      workflowVersion: '1',
      totalSteps: 3,
      stepsCompleted: 3,
      stepsFailed: 0,
      totalDurationMs: clock.now() - startedAt,
      outcome: 'success',
      effectivenessScore: isCloseTo(0.95),
      rollbacksPerformed: 0,
      stepExecutions: [
        { ...step, stepNumber: 1, action: 'createRealm', durationMs: 100 },
        { ...step, stepNumber: 2, action: 'createClient', durationMs: 5_110, retriesAttempted: 1 },
        { ...step, stepNumber: 3, action: 'createUser', durationMs: 200 },
      ],
      adaptiveAdjustments: [],
      completedAt: at,
      status: 'completed',
      errorMessage: null,
      createdAt: at,
      executionId,
      endedSeq: 10,
      supersedesSeq: null,
      scoreParameters: { retryPenalty: 0.05, rollbackPenalty: 0.1 },
      tenant: 'acme',
    })
    const last = (await getExecutionEvents(database, executionId)).at(-1)
    expect(last).toMatchObject({
      executionSeq: audit.endedSeq,
      details: { auditDigest: sha256(canonicalJson(executionAuditJson(audit))) },
    })
  })

  test('says of a failure what failed first and what was rolled back', async () => {
    const database = await open()
    const { clock, saga, perform } = await scripted(database)
    const { executionId } = await saga.start(provision, { tenant: 'acme' })
    await perform(10)
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await perform(20, taken)
      clock.advance(5_010)
      await saga.tick()
    }
    await perform(10)
    expect(await auditOf(database, executionId)).toMatchObject({
      outcome: 'failed',
      status: 'failed',
      stepsCompleted: 1,
      stepsFailed: 1,
      rollbacksPerformed: 1,
      effectivenessScore: isCloseTo(1 / 3 - 0.15 - 0.1),
      errorMessage: 'the name is taken',
      stepExecutions: [
        { status: 'completed', errorMessage: null },
        { status: 'failed', retriesAttempted: 3, errorMessage: 'the name is taken' },
        { status: 'cancelled', retriesAttempted: 0, durationMs: 0 },
      ],
    })
  })

  test('is partial for what was cancelled, and holds what was adjusted', async () => {
    const database = await open()
    const { clock, saga, perform } = await scripted(database)
    const { executionId } = await saga.start(provision, { tenant: 'acme' })
    await saga.act(executionId, { action: 'adjust', step: 'createRealm', timeoutMs: 90_000 }, by)
    await saga.act(executionId, { action: 'adjust', step: 'createUser', maxRetries: 0 }, by)
    const [first] = (await getExecutionEvents(database, executionId)).filter(
      ({ eventType }) => eventType === 'ADAPTIVE_ADJUSTMENT',
    )
    await perform(10)
    clock.advance(10)
    await saga.act(executionId, { action: 'cancel', rollback: false }, by)
    expect(await auditOf(database, executionId)).toMatchObject({
      outcome: 'partial',
      status: 'cancelled',
      stepsCompleted: 1,
      stepsFailed: 0,
      stepExecutions: [{ status: 'completed' }, { status: 'cancelled' }, { status: 'cancelled' }],
      adaptiveAdjustments: [
        { stepNumber: 1, adjustmentType: 'timeout', reason: by.reason, timestamp: first?.timestamp },
        { stepNumber: 3, adjustmentType: 'retry', reason: by.reason },
      ],
    })
  })

  test('is written anew when an execution is taken up and ends again', async () => {
    const database = await open()
    const { clock, saga, perform } = await scripted(database)
    const { executionId } = await saga.start(provision, { tenant: 'acme' })
    await perform(10)
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await perform(20, taken)
      clock.advance(5_010)
      await saga.tick()
    }
    const first = await auditOf(database, executionId)
    expect(first).toMatchObject({ status: 'rollback_failed', outcome: 'failed', supersedesSeq: null })
    await saga.act(executionId, { action: 'retry-rollback' }, by)
    await perform(10)
    const second = await auditOf(database, executionId)
    expect(second).toMatchObject({
      status: 'failed',
      rollbacksPerformed: 1,
      supersedesSeq: first.endedSeq,
    })
    const { items } = await listExecutionAudits(database, { executionId: executionId.toUpperCase() })
    expect(items).toEqual([second, first])
  })

  test('is calculated with the penalties of the runtime, which refuses those that are none', async () => {
    const database = await open()
    const effectiveness = { retryPenalty: 0.5, rollbackPenalty: 0 }
    const { clock, saga, perform } = await scripted(database, { effectiveness })
    const { executionId } = await saga.start(single, {})
    await perform(5, taken)
    clock.advance(5_010)
    await saga.tick()
    await perform(5)
    expect(await auditOf(database, executionId)).toMatchObject({
      effectivenessScore: 0.5,
      scoreParameters: effectiveness,
    })
    await expect(
      createSaga(database, { effectiveness: { ...effectiveness, retryPenalty: 5 } }),
    ).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('effectiveness') as string,
    })
  })
})
