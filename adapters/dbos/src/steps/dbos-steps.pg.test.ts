import { setTimeout as pause } from 'node:timers/promises'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { DbosSteps } from '@steptrail/dbos'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { failing, observeDbos, type ObservedDbos } from '../../test/observe-dbos.ts'

let flaky: () => Promise<string>
let steps: DbosSteps
let client: pg.Client
let observed: ObservedDbos
let ended: ObservedDbos['ended']
let story: ObservedDbos['story']

beforeAll(async () => {
  observed = await observeDbos({
    name: 'steps-test',
    workflow: 'order',
    register: (own) => (flaky = own.register(failing(1), { name: 'flaky' })),
  })
  ;({ steps, client, ended, story } = observed)
}, 120_000)

afterAll(() => observed.close())

it('has no attempt of a step within a step, which is an ordinary call for DBOS', async () => {
  const inner = failing(1)
  await ended('nested', async () => {
    await steps.run(() => steps.run(inner, { name: 'inner' }), {
      name: 'outer',
      retriesAllowed: true,
      intervalSeconds: 0.01,
    })
    await DBOS.runStep(() => flaky().catch(() => 'made good'), { name: 'plain outer' })
  })
  const { attempts } = await story('nested')
  expect(attempts).toMatchObject([
    { eventType: 'STEP_FAILED', stepName: 'outer', details: { errorMessage: 'failure 1' } },
    { eventType: 'STEP_SUCCESS', stepName: 'outer', retryCount: 1 },
    { eventType: 'STEP_SUCCESS', stepName: 'plain outer', details: { notObservable: ['attempts'] } },
  ])
})

it('has what the application decides of whatever was thrown, be it a text or one error for several steps', async () => {
  const thrown: unknown = 'sold out'
  const shared = new Error('shared')
  const decided = { retriesAllowed: true, shouldRetry: () => pause(20, false) }
  await ended('text', () => steps.run(() => Promise.reject(thrown as Error), { name: 'text', ...decided }))
  await ended('shared', () =>
    Promise.allSettled(
      ['a', 'b'].map((name) => steps.run(() => Promise.reject(shared), { name, ...decided })),
    ),
  )
  const { view, events } = await story('text')
  expect(view.steps).toMatchObject([{ status: 'error', attempt: 1 }])
  expect(events.map(({ eventType }) => eventType)).not.toContain('STEP_RETRY_TRIGGERED')
  const { attempts } = await story('shared')
  const seen = attempts.map(({ stepName, details }) => [stepName, details?.['notObservable']] as const)
  expect(seen.toSorted(([one], [other]) => (one ?? '').localeCompare(other ?? ''))).toEqual([
    ['a', undefined],
    ['b', undefined],
  ])
  expect(new Set(attempts.map(({ details }) => details?.['workerUuid'])).size).toBe(1)
})

it('has a failed attempt of a step that was cancelled before the application decided on it', async () => {
  await ended('cancelled', () =>
    steps.run(
      async () => {
        const signal = DBOS.stepStatus?.cancelSignal
        await DBOS.cancelWorkflow('cancelled')
        await expect.poll(() => signal?.aborted, { timeout: 20_000 }).toBe(true)
        throw new Error('cut off')
      },
      { name: 'cancelled', retriesAllowed: true, shouldRetry: () => true },
    ),
  )
  const { view, events } = await story('cancelled')
  expect(view.status).toBe('cancelled')
  expect(JSON.stringify(events)).toContain('cut off')
})

it('has a step that was done and of which DBOS recorded nothing, as its workflow was cancelled meanwhile', async () => {
  let made = 0
  await ended('cut', () =>
    steps.run(
      async () => {
        await DBOS.cancelWorkflow('cut')
        return (made += 1)
      },
      { name: 'charge' },
    ),
  )
  expect(made).toBe(1)
  const { view, events } = await story('cut')
  expect(view).toMatchObject({
    status: 'cancelled',
    steps: [{ name: 'charge', status: 'cancelled', attempt: 1 }],
  })
  expect(events.map(({ eventType }) => eventType)).toContain('STEP_STARTED')
})

it('has a step that was done and gave what DBOS cannot record', async () => {
  await ended('odd', () => steps.run(() => Promise.resolve(() => 'a function'), { name: 'odd' }))
  const { view } = await story('odd')
  expect(view).toMatchObject({ status: 'failed', steps: [{ name: 'odd', status: 'cancelled', attempt: 1 }] })
})

it('does not begin what DBOS waits for no longer, since noting it took too long', async () => {
  let made = 0
  await client.query('begin')
  await client.query('lock table dbos_steptrail.wrapped_step')
  await ended('late', () =>
    steps.run(() => Promise.resolve((made += 1)), {
      name: 'late',
      retriesAllowed: true,
      maxAttempts: 2,
      intervalSeconds: 0.01,
      timeoutMS: 40,
    }),
  )
  await client.query('rollback')
  const { view } = await story('late')
  expect(view).toMatchObject({ status: 'failed', steps: [{ name: 'late', status: 'error' }] })
  expect(made).toBe(0)
})

it('does its work also where nothing of it can be noted, and who is told of that fails', async () => {
  const said = vi.spyOn(console, 'error').mockReturnValue(undefined)
  const onTrouble = () => {
    throw new Error('nobody listens')
  }
  await using unheard = new DbosSteps({
    url: observed.url,
    schema: 'nowhere',
    serviceName: 'shop',
    onTrouble,
  })
  const work = failing(1)
  const retried = { retriesAllowed: true, intervalSeconds: 0.01 }
  let outcome: unknown
  await ended('unheard', async () => (outcome = await unheard.run(work, { name: 'unheard', ...retried })))
  expect(outcome).toBe('done')
  expect(JSON.stringify(said.mock.calls)).toContain('the work goes on')
  said.mockRestore()
})
