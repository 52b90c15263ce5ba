import { randomUUID } from 'node:crypto'
import { describeOnBoth } from '@steptrail/testkit'
import * as fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { scriptedRun, timeout } from '../../test/scripted-run.ts'
import type { Database } from '../database/database.ts'
import {
  getExecutionAuditHistory,
  getStepAuditHistory,
  listStepAudit,
  type StepAuditPage,
} from './step-audit.ts'

const reportedAt = '2025-11-04T10:00:00.000Z'

describeOnBoth('the step result audit', (open) => {
  let database: Database
  let workerUuid: string
  let rolledBack: string
  let completed: string
  let idle: string

  beforeAll(async () => {
    database = await open()
    const script = await scriptedRun(database, reportedAt)
    workerUuid = script.workerUuid
    const failing = [timeout(10), timeout(20), timeout(30), timeout(40)]
    rolledBack = await script.run([100, 5234, ...failing, 7, 8], { correlationId: 'rr-2026-1' })
    completed = await script.run([1, timeout(2), 3, 4], { correlationId: 'rr-2026-1' })
    idle = await script.run([])
  })

  async function stepOf(executionId: string, name: string, operation = 'DO'): Promise<string> {
    const { rows } = await database.query<{ uuid: string }>(
      `select workflow_step_uuid as uuid from workflow_steps
       where execution_id = $1 and name = $2 and operation_type = $3`,
      [executionId, name, operation],
    )
    return rows[0]?.uuid ?? ''
  }

  const inShort = ({ items }: StepAuditPage): readonly string[] =>
    items.map((each) => `${each.stepName} ${each.operationType} ${each.attempt} ${each.success}`)

  it('gives every field of a success, with the full result', async () => {
    const stepUuid = await stepOf(completed, 'createRealm')
    const { items, nextCursor } = await getStepAuditHistory(database, stepUuid)
    const { rows } = await database.query<{ uuid: string; transition: string; at: string }>(
      `select workflow_step_result_audit_uuid as uuid, workflow_step_transition_uuid as transition, recorded_at as at
       from workflow_step_result_audit where workflow_step_uuid = $1`,
      [stepUuid],
    )
    expect(items).toEqual([
      {
        auditUuid: rows[0]?.uuid,
        workflowStepUuid: stepUuid,
        transitionUuid: rows[0]?.transition,
        taskUuid: completed,
        recordedAt: rows[0]?.at,
        workerUuid,
        correlationId: 'rr-2026-1',
        success: true,
        executionTimeMs: 0,
        result: { success: true, metadata: { execution_time_ms: 0 }, result: { id: 'createRealm-1' } },
        stepName: 'createRealm',
        operationType: 'DO',
        attempt: 1,
        fromState: 'in_progress',
        toState: 'enqueued_for_orchestration',
      },
    ])
    expect(nextCursor).toBeNull()
  })

  it('gives every field of a failure, with the error', async () => {
    const { items } = await getStepAuditHistory(database, await stepOf(completed, 'createClient'))
    expect(items.map(({ attempt, success }) => [attempt, success])).toEqual([
      [2, true],
      [1, false],
    ])
    expect(items[1]).toMatchObject({
      workerUuid,
      correlationId: 'rr-2026-1',
      success: false,
      executionTimeMs: 1,
      result: {
        success: false,
        metadata: { execution_time_ms: 1 },
        error: {
          message: 'Connection timeout to Keycloak service',
          code: 'ETIMEDOUT',
          reason: 'Connection timeout',
        },
      },
      fromState: 'in_progress',
      toState: 'enqueued_as_error_for_orchestration',
    })
  })

  it('gives the results of all steps of an execution, DO and UNDO, the newest first', async () => {
    expect(inShort(await getExecutionAuditHistory(database, rolledBack))).toEqual([
      'createRealm UNDO 1 true',
      'createClient UNDO 1 true',
      'createDefaultUser DO 4 false',
      'createDefaultUser DO 3 false',
      'createDefaultUser DO 2 false',
      'createDefaultUser DO 1 false',
      'createClient DO 1 true',
      'createRealm DO 1 true',
    ])
  })

  it('keeps DO and UNDO of a step apart', async () => {
    const undo = await getStepAuditHistory(database, await stepOf(rolledBack, 'createRealm', 'UNDO'))
    expect(inShort(undo)).toEqual(['createRealm UNDO 1 true'])
  })

  it('gives results by worker and by correlation id, across executions', async () => {
    const byWorker = await listStepAudit(database, { workerUuid: workerUuid.toUpperCase() })
    expect(byWorker.items).toHaveLength(12)
    expect(await listStepAudit(database, { correlationId: 'rr-2026-1' })).toEqual(byWorker)
    expect(await listStepAudit(database, { correlationId: 'rr-2026-1', workerUuid })).toEqual(byWorker)
    expect((await listStepAudit(database, {})).items).toHaveLength(12)
    expect((await listStepAudit(database, { workerUuid: randomUUID() })).items).toEqual([])
    expect((await listStepAudit(database, { correlationId: 'none' })).items).toEqual([])
    const times = byWorker.items.map((each) => Date.parse(each.recordedAt))
    expect(times).toEqual(times.toSorted((a, b) => b - a))
  })

  it('orders results that are older than the audit by when they were reported', async () => {
    const undone = database.transaction(async (tx) => {
      await tx('alter table workflow_step_result_audit disable trigger all')
      await tx('delete from workflow_step_result_audit where task_uuid = $1', [rolledBack])
      await tx(
        `insert into workflow_step_result_audit
           (workflow_step_uuid, workflow_step_transition_uuid, task_uuid, success)
         select workflow_step_uuid, workflow_step_transition_uuid, execution_id, true
         from workflow_step_transitions
         where execution_id = $1 and to_state like 'enqueued_%orchestration'
         order by random()`,
        [rolledBack],
      )
      const { items } = await getExecutionAuditHistory({ query: tx }, rolledBack)
      expect(new Set(items.map((each) => each.recordedAt)).size).toBe(1)
      expect(items.map((each) => [each.stepName, each.attempt, each.workerUuid])).toEqual([
        ['createRealm', 1, null],
        ['createClient', 1, null],
        ['createDefaultUser', 4, null],
        ['createDefaultUser', 3, null],
        ['createDefaultUser', 2, null],
        ['createDefaultUser', 1, null],
        ['createClient', 1, null],
        ['createRealm', 1, null],
      ])
      throw new Error('undo it')
    })
    await expect(undone).rejects.toThrow('undo it')
  })

  it('gives by pages of any size what one large page gives', async () => {
    const clientStep = await stepOf(rolledBack, 'createDefaultUser')
    const lists = [
      (paging: object) => getExecutionAuditHistory(database, rolledBack, paging),
      (paging: object) => getStepAuditHistory(database, clientStep, paging),
      (paging: object) => listStepAudit(database, { ...paging, workerUuid }),
      (paging: object) => listStepAudit(database, { ...paging, correlationId: 'rr-2026-1' }),
    ]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...lists), fc.integer({ min: 1, max: 13 }), async (list, limit) => {
        const whole = await list({})
        const pages: StepAuditPage['items'][] = []
        let cursor: string | undefined
        do {
          const page = await list({ limit, cursor })
          pages.push(page.items)
          cursor = page.nextCursor ?? undefined
        } while (cursor !== undefined)
        expect(pages.flat()).toEqual(whole.items)
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  it('has no result for an execution and a step that nobody reported on', async () => {
    expect(await getExecutionAuditHistory(database, idle)).toEqual({ items: [], nextCursor: null })
    const page = await getStepAuditHistory(database, await stepOf(idle, 'createRealm'))
    expect(page).toEqual({ items: [], nextCursor: null })
  })

  it('says so when there is no such step or execution', async () => {
    const unknown = randomUUID()
    await expect(getStepAuditHistory(database, unknown)).rejects.toMatchObject({ code: 'step_not_found' })
    await expect(getStepAuditHistory(database, completed)).rejects.toThrow(`there is no step ${completed}`)
    await expect(getExecutionAuditHistory(database, unknown)).rejects.toMatchObject({
      code: 'execution_not_found',
    })
  })

  it.each([
    ['stepUuid', () => getStepAuditHistory(database, 'abc')],
    ['executionId', () => getExecutionAuditHistory(database, `${completed}0`)],
    ['workerUuid', () => listStepAudit(database, { workerUuid: '' })],
    ['correlationId', () => listStepAudit(database, { correlationId: '' })],
    ['limit', () => listStepAudit(database, { limit: 1001 })],
    ['limit', () => getExecutionAuditHistory(database, completed, { limit: 0 })],
    ['stepName', () => listStepAudit(database, { stepName: 'x' } as object)],
  ])('refuses a bad %s', async (filter, read) => {
    await expect(read()).rejects.toMatchObject({ code: 'invalid_filter', details: { filter } })
  })

  it('refuses a cursor of another list', async () => {
    const { nextCursor } = await listStepAudit(database, { limit: 1 })
    for (const cursor of [nextCursor ?? '', 'x'])
      await expect(getExecutionAuditHistory(database, completed, { cursor })).rejects.toMatchObject({
        code: 'invalid_cursor',
      })
  })
})
