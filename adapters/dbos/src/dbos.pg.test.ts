import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Database } from '@steptrail/core'
import { DbosRecorder, type DbosSteps, install } from '@steptrail/dbos'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failing, observeDbos, type ObservedDbos } from '../test/observe-dbos.ts'

let url: string
let steps: DbosSteps
let again: () => Promise<string>
let database: Database
let client: pg.Client
let sourceId: string
let start: ObservedDbos['start']
let observed: ObservedDbos
let ended: ObservedDbos['ended']
let story: ObservedDbos['story']
const troubles: string[] = []

const before = DBOS.registerWorkflow(
  () => DBOS.runStep(failing(1), { name: 'old', retriesAllowed: true, intervalSeconds: 0.01 }),
  { name: 'before' },
)

beforeAll(async () => {
  observed = await observeDbos({
    name: 'dbos-test',
    workflow: 'after',
    register: (own) => (again = own.register(() => Promise.resolve('done'), { name: 'again' })),
    before: async () => (await DBOS.startWorkflow(before, { workflowID: 'before-1' })()).getResult(),
    onTrouble: (message) => troubles.push(message),
  })
  ;({ url, steps, database, client, sourceId, start, ended, story } = observed)
}, 120_000)

afterAll(() => observed.close())

describe('workflows of DBOS on record', () => {
  it('have what DBOS knew before it was observed, and say that attempts were not observable', async () => {
    const { view, events, attempts } = await story('before-1')
    expect(view).toMatchObject({ status: 'completed', engineExecutionId: 'before-1', workflowName: 'before' })
    expect(events[0]?.details?.['engine']).toMatchObject({ isBackfilled: true })
    expect(attempts).toMatchObject([{ stepName: 'old', details: { notObservable: ['attempts'] } }])
  })

  it('say the same of a step that is not wrapped', async () => {
    await ended('plain', () => DBOS.runStep(failing(0), { name: 'plain' }))
    expect((await story('plain')).attempts).toMatchObject([{ details: { notObservable: ['attempts'] } }])
  })

  it('have one attempt where the application wants no other, by what it decides', async () => {
    await ended('decided', () =>
      steps.run(failing(9), { name: 'decided', retriesAllowed: true, shouldRetry: () => false }),
    )
    const { view, attempts } = await story('decided')
    expect(view.status).toBe('failed')
    expect(attempts).toMatchObject([{ severity: 'error', details: { errorMessage: 'failure 1' } }])
  })

  it('have an attempt that took too long as failed, and the next', async () => {
    const made: number[] = []
    const slow = () => (made.push(1) === 1 ? new Promise(() => undefined) : Promise.resolve('done'))
    await ended('slow', () =>
      steps.run(slow, { name: 'slow', retriesAllowed: true, timeoutMS: 400, intervalSeconds: 0.02 }),
    )
    const { attempts } = await story('slow')
    expect(attempts).toMatchObject([
      { eventType: 'STEP_FAILED', details: { errorMessage: expect.stringContaining('400') as string } },
      { eventType: 'STEP_SUCCESS', retryCount: 1 },
    ])
  })

  it('have an attempt that took too long as the last where the application wants no other', async () => {
    await ended('too-slow', () =>
      steps.run(() => new Promise(() => undefined), {
        name: 'too slow',
        retriesAllowed: true,
        timeoutMS: 40,
        shouldRetry: () => false,
      }),
    )
    const { view, attempts } = await story('too-slow')
    expect(attempts).toMatchObject([{ eventType: 'STEP_FAILED', severity: 'error' }])
    expect(view).toMatchObject({ status: 'failed', steps: [{ status: 'error', attempt: 1 }] })
  })

  it('say that attempts of steps were not observable which the workflow did that they were forked from', async () => {
    const first = failing(1)
    await ended('origin', async () => {
      await steps.run(first, { name: 'first', retriesAllowed: true, intervalSeconds: 0.01 })
      await steps.run(failing(0), { name: 'second' })
    })
    await (await DBOS.forkWorkflow('origin', 1, { newWorkflowID: 'fork' })).getResult()
    const { view, attempts } = await story('fork')
    expect(view.status).toBe('completed')
    expect(attempts.map(({ stepName, details }) => [stepName, details?.['notObservable']])).toEqual([
      ['first', ['attempts']],
      ['second', undefined],
    ])
  })

  it('say that attempts of steps were not observable when their workflow is gone, which may have been a fork', async () => {
    await ended('gone', () => steps.run(failing(0), { name: 'gone' }))
    await DBOS.deleteWorkflow('gone')
    const { attempts } = await story('gone')
    expect(attempts.map(({ details }) => details?.['notObservable'])).toEqual([['attempts']])
  })

  it('go on where another is started under the id of one that DBOS has deleted', async () => {
    await ended('reused', () => steps.run(failing(0), { name: 'first life' }))
    await DBOS.deleteWorkflow('reused')
    await ended('reused', () => steps.run(failing(1), { name: 'second life' }))
    await DBOS.deleteWorkflow('reused')
    const { view, events, attempts } = await story('reused')
    expect(attempts.map(({ eventType, stepName }) => [eventType, stepName])).toEqual([
      ['STEP_SUCCESS', 'first life'],
      ['STEP_FAILED', 'second life'],
    ])
    expect(events.find(({ eventType }) => eventType === 'ORCHESTRATION_RESUMED')).toMatchObject({
      reason: expect.stringContaining('another was started under its id') as string,
    })
    expect(view.status).toBe('failed')
    await ended('reused', () => steps.run(failing(0), { name: 'third life' }))
    expect((await story('reused')).view.status).toBe('completed')
  })

  it('have ended where DBOS deletes them while they are under way, by nobody knows whom', async () => {
    let release: (value: unknown) => void = () => undefined
    const held = new Promise((resolve) => (release = resolve))
    const handle = await start('deleted', () => steps.run(() => held, { name: 'held' }))
    await DBOS.deleteWorkflow('deleted')
    release('done')
    await Promise.allSettled([handle.getResult()])
    const { view, events } = await story('deleted')
    expect(view.status).toBe('cancelled')
    const end = events.find(({ eventType }) => eventType === 'ORCHESTRATION_CANCELLED')
    expect(end).toMatchObject({ details: { engineOutcome: 'deleted', notObservable: ['actor'] } })
  })

  it('have the output of each time that they ended, or say that DBOS had it no more', async () => {
    let output = 'one'
    await ended('rewound', () => Promise.resolve(output))
    output = 'two'
    await (await DBOS.rewindWorkflow('rewound')).getResult()
    const { events } = await story('rewound')
    const ends = events.filter(({ eventType }) => eventType === 'ORCHESTRATION_COMPLETED')
    expect(ends.map(({ details }) => [typeof details?.['outputDigest'], details?.['notObservable']])).toEqual(
      [
        ['undefined', ['output']],
        ['string', undefined],
      ],
    )
  })

  it('say the same whatever the clock of the process says that they were forked from', async () => {
    await ended('fast', () =>
      steps.run(failing(1), { name: 'early', retriesAllowed: true, intervalSeconds: 0.01 }),
    )
    await client.query(
      `update dbos.operation_outputs
      set completed_at_epoch_ms = completed_at_epoch_ms + 3600000
      where workflow_uuid = 'fast'`,
    )
    await (await DBOS.forkWorkflow('fast', 1, { newWorkflowID: 'of-fast' })).getResult()
    const { attempts } = await story('of-fast')
    expect(attempts).toMatchObject([{ stepName: 'early', details: { notObservable: ['attempts'] } }])
  })

  it('keep steps of one name apart that undo different things', async () => {
    const refund = (config: { readonly undoes?: string }) =>
      steps.run(failing(0), { name: 'refund', ...config })
    await ended('undone', async () => {
      await steps.run(failing(0), { name: 'pay' })
      await refund({ undoes: 'pay' })
    })
    await ended('refunded', () => refund({}))
    expect((await story('undone')).view).toMatchObject({ status: 'failed', rolledBackSteps: 1 })
    const { view } = await story('refunded')
    expect(view).toMatchObject({
      status: 'completed',
      steps: [{ name: 'refund', operationType: 'DO', attempt: 1, status: 'complete' }],
    })
  })

  it('have the delay before a retry that DBOS really waits', async () => {
    await ended('delayed', () =>
      steps.run(failing(2), {
        name: 'delayed',
        retriesAllowed: true,
        maxAttempts: 3,
        intervalSeconds: 0.02,
        backoffRate: 3,
      }),
    )
    const { events } = await story('delayed')
    const retries = events.filter(({ eventType }) => eventType === 'STEP_RETRY_TRIGGERED')
    expect(retries.map(({ details }) => details?.['backoffMs'])).toEqual([20, 60])
    const starts = events
      .filter(({ eventType }) => eventType === 'STEP_FAILED')
      .map(({ timestamp }) => timestamp)
    expect(Date.parse(starts[1] ?? '') - Date.parse(starts[0] ?? '')).toBeGreaterThanOrEqual(20)
  })

  it('number a step that runs again, and have the same action', async () => {
    await ended('loop', async () => {
      await again()
      await again()
    })
    const { view } = await story('loop')
    expect(view.steps.map(({ name, action, status }) => [name, action, status])).toEqual([
      ['again', 'again', 'complete'],
      ['again#2', 'again', 'complete'],
    ])
  })

  it('go on after a cancel when DBOS resumes them', async () => {
    let release: (value: unknown) => void = () => undefined
    const held = new Promise((resolve) => (release = resolve))
    const handle = await start('resumed', async () => {
      await steps.run(() => held, { name: 'held' })
      await steps.run(failing(0), { name: 'last' })
    })
    const begun = () =>
      client.query(
        `select from dbos_steptrail.outbox where workflow_id = 'resumed' and kind = 'attempt_started'`,
      )
    await expect.poll(async () => (await begun()).rowCount, { timeout: 20_000 }).toBe(1)
    await DBOS.cancelWorkflow('resumed')
    release('done')
    await Promise.allSettled([handle.getResult()])
    await (await DBOS.resumeWorkflow('resumed')).getResult()
    const { view, events } = await story('resumed')
    expect(view.status).toBe('completed')
    expect(view.steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'held cancelled',
      'held#2 complete',
      'last complete',
    ])
    const ends = events
      .filter(({ entityType }) => entityType === 'ORCHESTRATION')
      .map(({ eventType }) => eventType)
    expect(ends).toEqual([
      'ORCHESTRATION_STARTED',
      'ORCHESTRATION_CANCELLED',
      'ORCHESTRATION_RESUMED',
      'ORCHESTRATION_COMPLETED',
    ])
  })

  it('are not held up by what the trail refuses, which is set aside with its reason', async () => {
    await client.query(
      `insert into dbos_steptrail.outbox (workflow_id, kind, body)
      values ('unknown', 'status', '{"from": "PENDING", "to": "SUCCESS"}')`,
    )
    await ended('next', () => steps.run(failing(0), { name: 'next' }))
    expect((await story('next')).view.status).toBe('completed')
    const { rows } = await client.query('select workflow_id, reason from dbos_steptrail.refused')
    expect(rows).toEqual([
      { workflow_id: 'unknown', reason: expect.stringContaining('never observed to start') as string },
    ])
    expect(troubles.join()).toContain('it is set aside')
  })

  it('are not held up by what another version of the adapter has written, or by a time that is none', async () => {
    await client.query(
      `insert into dbos_steptrail.outbox (workflow_id, kind, body)
      values ('next', 'dreamt', '{}'), ('next', 'attempt_failed', '{"step": 9, "name": "odd", "undoes": null}')`,
    )
    await ended('after-odd', () => steps.run(failing(0), { name: 'after odd' }))
    expect((await story('after-odd')).view.status).toBe('completed')
    const { rows } = await client.query(
      `select reason from dbos_steptrail.refused where workflow_id = 'next' order by id`,
    )
    expect(rows).toEqual([
      { reason: expect.stringContaining('of the kind "dreamt"') as string },
      { reason: expect.any(String) as string },
    ])
  })

  it('are whole where their id is longer than a correlation id, and a step has no name', async () => {
    const id = `order-${'4711'.repeat(80)}`
    await ended(id, async () => {
      await DBOS.runStep(failing(0), { name: '' })
      await steps.run(failing(0), { name: 'pay' })
    })
    const { view } = await story(id)
    expect(view).toMatchObject({ status: 'completed', engineExecutionId: id })
    expect(view.correlationId).toMatch(/^order-4711.*~[0-9a-f]{32}$/)
    expect(view.steps.map(({ name }) => name)).toEqual(['step 0', 'pay'])
  })

  it('are put on record by nobody whose lock is lost meanwhile, and by the next who has it', async () => {
    await ended('fenced', () => steps.run(failing(0), { name: 'fenced' }))
    const held = Promise.withResolvers<void>()
    const freed = Promise.withResolvers<void>()
    const holding = database.transaction(async (tx) => {
      await tx('select from observed_sources for update')
      held.resolve()
      await freed.promise
    })
    await held.promise
    const recording = Promise.allSettled([observed.recorder.recordAll()])
    const waiting = () =>
      database.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
    await expect.poll(async () => (await waiting()).rows.length, { timeout: 20_000 }).toBe(1)
    await client.query(
      `select pg_terminate_backend(pid, 5000)
      from pg_locks
      where locktype = 'advisory'
        and (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 0)`,
      [`steptrail dbos ${sourceId}`],
    )
    freed.resolve()
    await holding
    expect(await recording).toMatchObject([{ status: 'rejected' }])
    const { rows } = await database.query(
      `select from workflow_executions where engine_execution_id = 'fenced'`,
    )
    expect(rows).toEqual([])
    expect((await story('fenced')).view.status).toBe('completed')
  })

  it('are installed once, and nothing is told of twice', async () => {
    const { rowCount: waiting } = await client.query('select from dbos_steptrail.outbox')
    expect(await install({ url })).toEqual({ sourceId, isNew: false })
    expect((await client.query('select from dbos_steptrail.outbox')).rowCount).toBe(waiting)
  })

  it('are not installed by an older adapter over a newer one', async () => {
    await client.query('update dbos_steptrail.installation set version = version + 1')
    await expect(install({ url })).rejects.toMatchObject({ code: 'schema_newer' })
    await client.query('update dbos_steptrail.installation set version = version - 1')
  })

  it('are put on record by one recorder at a time, and by another when that is gone', async () => {
    await ended('taken-over', () => steps.run(failing(0), { name: 'taken' }))
    const closed = observed.recorder
    observed.recorder = new DbosRecorder(database, { url, pollMs: 20 })
    expect(await observed.recorder.recordAll()).toBe(0)
    await closed.close()
    await expect(closed.recordAll()).rejects.toMatchObject({ code: 'recorder_closed' })
    observed.recorder.start()
    const waiting = () => client.query('select from dbos_steptrail.outbox')
    await expect.poll(async () => (await waiting()).rowCount, { timeout: 20_000 }).toBe(0)
    expect((await story('taken-over')).view.status).toBe('completed')
  })

  it('are told of as not noted where a trigger is disabled, which install makes good', async () => {
    const told: string[] = []
    const onTrouble = (message: string, cause: unknown) => void told.push(`${message}: ${String(cause)}`)
    await observed.recorder.close()
    const heard = async () => {
      await using each = new DbosRecorder(database, { url, onTrouble })
      await each.recordAll()
      return told.splice(0).join()
    }
    expect(await heard()).toBe('')
    await client.query('alter table dbos.operation_outputs disable trigger steptrail_step_recorded')
    expect(await heard()).toMatch(/steptrail_step_recorded are not there or disabled.*call install/)
    await client.query('drop trigger steptrail_workflow_moved on dbos.workflow_status')
    expect(await heard()).toContain('steptrail_workflow_moved, steptrail_step_recorded')
    await install({ url })
    expect(await heard()).toBe('')
  })

  it('refuse a share of the time that is none', () => {
    expect(() => new DbosRecorder(database, { url, share: 0 })).toThrow('a share of 0')
  })
})
