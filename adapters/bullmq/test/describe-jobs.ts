import {
  type Database,
  getExecution,
  getExecutionEvents,
  observedExecutionId,
  openDatabase,
} from '@steptrail/core'
import { BullmqRecorder, BullmqSteps, executionOf } from '@steptrail/bullmq'
import { createMigratedDatabase } from '@steptrail/testkit'
import { DelayedError, type Job, type JobsOptions, type Processor, type Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from './backend.ts'
import { untilEnded } from './until-ended.ts'

/** What has to be on record of jobs, on each backend of BullMQ. The queue is `jobs`. */
export function describeJobs(open: () => Promise<Backend>): void {
  let backend: Backend
  let queue: Queue
  let steps: BullmqSteps
  let recorder: BullmqRecorder
  let database: Database
  let sourceId: string
  const troubles: string[] = []

  beforeAll(async () => {
    backend = await open()
    queue = new backend.Queue('jobs', { connection: backend.connection(2) })
    await queue.waitUntilReady()
    steps = new BullmqSteps({
      ...backend.place,
      serviceName: 'shop',
      onTrouble: (...told) => troubles.push(told.join(': ')),
    })
    await endedBy(failing(1), [await add('before-done', { attempts: 2 })])
    await endedBy(failing(9), [await add('before-failed')])
    await add('before-waiting', { delay: 1_000_000 })
    sourceId = (await backend.install(['jobs'])).sourceId
    database = await openDatabase({ url: await createMigratedDatabase() })
    recorder = newRecorder()
  }, 120_000)

  const newRecorder = () =>
    new BullmqRecorder(database, { ...backend.place, onTrouble: (message) => troubles.push(message) })

  afterAll(async () => {
    await queue.close()
    await steps.close()
    await recorder.close()
    await database.close()
  })

  const failing = (times: number) => {
    let made = 0
    return () =>
      (made += 1) <= times ? Promise.reject(new Error(`failure ${made}`)) : Promise.resolve('done')
  }

  const add = (jobId: string, options: JobsOptions = {}): Promise<Job> =>
    queue.add('work', { jobId }, { jobId, ...options })

  /** Lets a worker do jobs until these have ended. */
  async function endedBy(processor: Processor, jobs: readonly Job[], concurrency = 1): Promise<void> {
    const worker = new backend.Worker('jobs', processor, {
      connection: backend.connection(Math.min(8, concurrency + 1)),
      concurrency,
    })
    await untilEnded(
      worker,
      jobs.map(({ id }) => id),
    )
    await worker.close()
  }

  async function story({ id = '', queueName, timestamp }: Job) {
    await recorder.recordAll()
    const executionId = observedExecutionId(
      { name: 'bullmq', sourceId },
      executionOf({ queue: queueName, jobId: id, addedAt: timestamp }),
    )
    const events = await getExecutionEvents(database, executionId)
    const attempts = events.filter(
      ({ eventType }) => eventType === 'STEP_FAILED' || eventType === 'STEP_SUCCESS',
    )
    return { view: await getExecution(database, executionId), events, attempts }
  }

  const typesOf = (events: readonly { readonly eventType: string; readonly retryCount: number | null }[]) =>
    events.map(({ eventType, retryCount }) =>
      retryCount === null ? eventType : `${eventType}(${retryCount})`,
    )

  describe('jobs of BullMQ on record', () => {
    it('have what BullMQ knew before they were observed, and say that attempts were not observable', async () => {
      const [done, failed, waiting] = await Promise.all(
        ['before-done', 'before-failed', 'before-waiting'].map((id) => queue.getJob(id)),
      )
      if (!done || !failed || !waiting) throw new Error('a job is gone')
      const { view, events, attempts } = await story(done)
      expect(view).toMatchObject({
        status: 'completed',
        workflowName: 'jobs.work',
        correlationId: 'jobs:before-done',
      })
      expect(events[0]?.details?.['engine']).toMatchObject({ isBackfilled: true })
      expect(attempts).toMatchObject([{ stepName: 'work', details: { notObservable: ['attempts'] } }])
      expect((await story(failed)).attempts).toMatchObject([
        { eventType: 'STEP_FAILED', details: { notObservable: ['attempts'], errorMessage: 'failure 1' } },
      ])
      expect((await story(waiting)).view.status).toBe('running')
      await waiting.promote()
      await endedBy(failing(0), [waiting])
      expect((await story(waiting)).attempts).toMatchObject([{ details: {} }])
    })

    it('have each attempt of a processor that is not wrapped, with the delay that BullMQ really waited', async () => {
      const job = await add('plain', { attempts: 3, backoff: { type: 'exponential', delay: 10 } })
      await endedBy(failing(2), [job])
      const { view, events } = await story(job)
      expect(typesOf(events)).toEqual([
        'ORCHESTRATION_STARTED',
        'STEP_STARTED',
        'STEP_FAILED(0)',
        'STEP_RETRY_TRIGGERED(1)',
        'STEP_FAILED(1)',
        'STEP_RETRY_TRIGGERED(2)',
        'STEP_SUCCESS(2)',
        'ORCHESTRATION_COMPLETED',
      ])
      const retries = events.filter(({ eventType }) => eventType === 'STEP_RETRY_TRIGGERED')
      const delays = retries.map(({ details }) => Number(details?.['backoffMs']))
      if (backend.keepsDelays) expect(delays).toEqual([10, 20])
      expect(delays.map((delay, index) => delay >= 0 && delay <= 10 * (index + 1))).toEqual([true, true])
      expect(view).toMatchObject({
        status: 'completed',
        steps: [{ name: 'work', attempt: 3, maxRetries: 2 }],
      })
    })

    it('have the attempt of the processor that failed outside its steps, beside these', async () => {
      const job = await add('outside', { attempts: 2 })
      const last = failing(1)
      const processor = steps.processor(async (each: Job) => {
        await steps.run(each, failing(0), { name: 'inside' })
        return await last()
      })
      await endedBy(processor, [job])
      const { view, attempts } = await story(job)
      expect(attempts.map(({ stepName, eventType }) => `${stepName} ${eventType}`)).toEqual([
        'inside STEP_SUCCESS',
        'work STEP_FAILED',
        'inside#2 STEP_SUCCESS',
      ])
      expect(view.status).toBe('completed')
    })

    it('have a step that the processor tried again itself as tried again, and one that it went on without as failed', async () => {
      const job = await add('handled')
      const charge = failing(1)
      const processor = steps.processor(async (each: Job) => {
        const run = (work: () => Promise<unknown>, name: string) => steps.run(each, work, { name })
        await run(charge, 'charge').catch(() => run(charge, 'charge'))
        await run(failing(1), 'mail').catch(() => run(failing(0), 'letter'))
      })
      await endedBy(processor, [job])
      const { view } = await story(job)
      expect(view.status).toBe('completed')
      expect(view.steps.map(({ name, status, attempt }) => [name, status, attempt])).toEqual([
        ['charge', 'complete', 2],
        ['mail', 'error', 1],
        ['letter', 'complete', 1],
      ])
    })

    it('have the steps of a processor that puts its job back, which are noted before it does', async () => {
      const job = await add('put-back')
      const processor = steps.processor(async (each: Job, token) => {
        if (each.attemptsStarted > 1) return await steps.run(each, failing(0), { name: 'charge' })
        await steps.run(each, failing(0), { name: 'reserve' })
        await each.moveToDelayed(Date.now() + 10, token)
        throw new DelayedError()
      })
      await endedBy(processor, [job])
      const { view } = await story(job)
      expect(view.steps.map(({ name, status, attempt }) => [name, status, attempt])).toEqual([
        ['reserve', 'complete', 1],
        ['charge', 'complete', 1],
      ])
      expect(troubles).toEqual([])
    })

    it('have steps that ran beside each other under one name as several, and one that failed as tried again', async () => {
      const job = await add('beside', { attempts: 2 })
      const first = failing(1)
      const processor = steps.processor(async (each: Job) => {
        const send = (work: () => Promise<unknown>) => steps.run(each, work, { name: 'send' })
        await Promise.all([send(first), send(failing(0))])
      })
      await endedBy(processor, [job])
      const { view } = await story(job)
      expect(view.steps.map(({ name, status, attempt }) => [name, status, attempt])).toEqual([
        ['send', 'complete', 2],
        ['send#2', 'complete', 1],
        ['send#3', 'complete', 1],
      ])
    })

    it('are cancelled for a reason that PostgreSQL cannot store as it is, and refuse steps with such a name', async () => {
      const job = await add('cancelled')
      const cancel = new AbortController()
      const processor = steps.processor(async (each: Job) => {
        cancel.abort('too \0dear\uD800')
        await steps.run(each, failing(0), { name: 'ch\0arge' })
      })
      await endedBy((each, token) => processor(each, token, cancel.signal), [job])
      const { view, events } = await story(job)
      expect(view).toMatchObject({
        status: 'cancelled',
        steps: [{ name: 'work', lastError: expect.stringContaining('cannot store') as string }],
      })
      expect(events.at(-1)?.reason).toBe('too \uFFFDdear\uFFFD')
      expect(troubles).toEqual([])
    })

    it('go on knowing of a failed step when another recorder takes over before BullMQ has decided', async () => {
      const job = await add('handed-over', { attempts: 2 })
      const charge = failing(1)
      const processor = steps.processor(async (each: Job) => {
        try {
          await steps.run(each, charge, { name: 'charge' })
        } finally {
          await recorder.recordAll()
          await recorder.close()
          recorder = newRecorder()
        }
      })
      await endedBy(processor, [job])
      expect(typesOf((await story(job)).events)).toEqual([
        'ORCHESTRATION_STARTED',
        'STEP_STARTED',
        'STEP_FAILED(0)',
        'STEP_RETRY_TRIGGERED(1)',
        'STEP_SUCCESS(1)',
        'ORCHESTRATION_COMPLETED',
      ])
    })

    it('are on record once when a recorder is killed between putting them there and saying so', async () => {
      const job = await add('told-twice', { attempts: 2 })
      const charge = failing(1)
      await recorder.recordAll()
      await endedBy(
        steps.processor((each: Job) => steps.run(each, charge, { name: 'charge' })),
        [job],
      )
      const putBack = await backend.keepOutbox()
      const { events } = await story(job)
      await recorder.close()
      await putBack()
      recorder = newRecorder()
      expect((await story(job)).events).toEqual(events)
      expect(events).toHaveLength(6)
    })

    it('are cancelled when they are removed before they have ended, by nobody knows whom', async () => {
      const job = await add('removed', { delay: 1_000_000 })
      expect((await story(job)).view.status).toBe('running')
      await job.remove()
      const { view, events } = await story(job)
      expect(view.status).toBe('cancelled')
      expect(events.at(-1)?.details).toMatchObject({ notObservable: ['actor', 'reason'] })
    })

    it('go on when they are retried after they had failed', async () => {
      const job = await add('retried')
      const work = failing(1)
      await endedBy(work, [job])
      await job.retry()
      await endedBy(work, [job])
      const { view, events } = await story(job)
      expect(view.status).toBe('completed')
      expect(events.map(({ eventType }) => eventType)).toContain('ORCHESTRATION_RESUMED')
      expect(view.steps).toMatchObject([{ name: 'work', attempt: 2, status: 'complete' }])
    })

    it('are others when an id is used again, and have one correlation id', async () => {
      const first = await add('again', { removeOnComplete: true })
      await endedBy(
        steps.processor((job: Job) => steps.run(job, failing(0), { name: 'charge' })),
        [first],
      )
      const second = await add('again', { removeOnComplete: true })
      expect(second.timestamp).toBeGreaterThan(first.timestamp)
      const { view } = await story(first)
      expect(view).toMatchObject({ status: 'completed', correlationId: 'jobs:again' })
      expect((await story(second)).view).toMatchObject({ status: 'running', correlationId: 'jobs:again' })
      await second.remove()
    })

    it('have the id of their parent as their correlation id', async () => {
      const flows = new backend.FlowProducer({ connection: backend.connection(1) })
      const flow = await flows.add({
        name: 'work',
        queueName: 'jobs',
        opts: { jobId: 'parent' },
        children: [{ name: 'work', queueName: 'jobs', opts: { jobId: 'child' } }],
      })
      await flows.close()
      await endedBy(failing(0), [flow.job])
      const child = flow.children?.[0]?.job
      if (!child) throw new Error('there is no child')
      expect((await story(child)).view).toMatchObject({ status: 'completed', correlationId: 'jobs:parent' })
      expect((await story(flow.job)).view).toMatchObject({
        status: 'completed',
        correlationId: 'jobs:parent',
      })
    })

    it('have nothing of what a worker says that has lost its job, which it is told', async () => {
      const job = await add('lost')
      const processor = steps.processor(async (each: Job) => {
        await backend.takeAway('jobs', 'lost')
        await steps.run(each, failing(0), { name: 'late' })
      })
      await endedBy(processor, [job])
      expect((await story(job)).view.steps.map(({ name }) => name)).toEqual(['work'])
      expect(troubles.splice(0).join()).toContain('the job is not with this worker any more')
    })

    it('are set aside with the reason where the trail refuses them, and hold up nothing', async () => {
      await backend.addOddEntry()
      const job = await add('after-odd')
      await endedBy(failing(0), [job])
      expect((await story(job)).view.status).toBe('completed')
      expect(await backend.refused()).toMatchObject([
        { jobId: 'odd', reason: expect.stringContaining('"odd"') as string },
      ])
      expect(troubles.splice(0).join()).toMatch(/set aside in .*steptrail.*refused/)
    })

    it('are refused steps where their processor is not wrapped', async () => {
      const job = await add('unwrapped')
      await endedBy((each: Job) => steps.run(each, failing(0), { name: 'charge' }), [job])
      expect((await story(job)).view).toMatchObject({
        status: 'failed',
        steps: [{ name: 'work', lastError: expect.stringContaining('steps.processor(…)') as string }],
      })
    })

    it('are 1,000 complete stories after 1,000 jobs, 16 at a time, every fourth of which fails once', async () => {
      const jobs = await queue.addBulk(
        Array.from({ length: 1_000 }, (_, index) => ({
          name: 'many',
          data: { failures: index % 4 === 0 ? 1 : 0 },
          opts: { attempts: 2 },
        })),
      )
      const processor = steps.processor(async (job: Job<{ failures: number }>) => {
        await steps.run(job, () => Promise.resolve(job.id), { name: 'first' })
        await steps.run(job, () => attemptOf(job), { name: 'second' })
      })
      recorder.start()
      await endedBy(processor, jobs, 16)
      await recorder.recordAll()
      const { rows } = await database.query<{ told: string; executions: number }>(selectStories)
      expect(rows).toEqual([
        { told: 'completed 6', executions: 750 },
        { told: 'completed 10', executions: 250 },
      ])
      expect(troubles).toEqual([])
    }, 120_000)
  })
}

const attemptOf = ({ data, attemptsMade }: Job<{ failures: number }>): Promise<string> =>
  attemptsMade < data.failures ? Promise.reject(new Error('not yet')) : Promise.resolve('done')

/** Of each way in which jobs went: the status, and how many events without a gap. */
const selectStories = `
select status || ' ' || events as told, count(*) as executions
from (
  select execution.status,
         (select count(*)
          from audit_event as event
          where event.execution_id = execution.execution_id::text
            and event.execution_seq < execution.next_seq) as events,
         execution.next_seq
  from workflow_executions as execution
  where execution.workflow_name = 'jobs.many'
) as story
where next_seq = events + 1
group by told
order by length(status || ' ' || events)`
