import {
  type Database,
  getExecution,
  getExecutionEvents,
  listExecutions,
  observedExecutionId,
  openDatabase,
} from '@steptrail/core'
import { BullmqRecorder, BullmqSteps, executionOf, install } from '@steptrail/bullmq'
import { createMigratedDatabase, describeOnRedis, type RedisServer, startRedis } from '@steptrail/testkit'
import { type Job, type JobsOptions, type Processor, Queue, type QueueOptions, Worker } from 'bullmq'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { untilEnded } from '../../test/until-ended.ts'
import { RedisOutbox } from '../record/redis-outbox.ts'
import { connectOnce } from './connection.ts'
import { redisKeys } from './redis-keys.ts'

describeOnRedis('what only BullMQ on Redis does', () => {
  let server: RedisServer
  let url: string
  let database: Database
  let steps: BullmqSteps
  const troubles: string[] = []
  const onTrouble = (message: string) => void troubles.push(message)

  beforeAll(async () => {
    server = await startRedis()
    url = server.url
    database = await openDatabase({ url: await createMigratedDatabase() })
    steps = new BullmqSteps({ url, serviceName: 'shop', onTrouble })
  }, 120_000)

  afterAll(async () => {
    await steps.close()
    await database.close()
  })

  const connection = () => ({ url, maxRetriesPerRequest: null })
  const recorderOf = () => new BullmqRecorder(database, { url, onTrouble, pollMs: 20, share: 1 })

  /** A queue that is observed, by itself. */
  async function observed(name: string, options: Partial<QueueOptions> = {}) {
    const queue = new Queue(name, { connection: connection(), ...options })
    await queue.waitUntilReady()
    const { sourceId } = await install({ url, queues: [name] })
    const add = (jobId: string, given: JobsOptions = {}) => queue.add('work', { jobId }, { jobId, ...given })
    /** Lets a worker do jobs until these have ended. */
    const endedBy = async (processor: Processor, ids: readonly string[], concurrency = 1) => {
      const worker = new Worker(name, processor, { connection: connection(), concurrency })
      worker.on('error', () => undefined)
      await untilEnded(worker, ids)
      await worker.close()
    }
    const executionIdOf = ({ id = '', timestamp }: Job) =>
      observedExecutionId(
        { name: 'bullmq', sourceId },
        executionOf({ queue: name, jobId: id, addedAt: timestamp }),
      )
    const told = async (executionId: string) => {
      const events = await getExecutionEvents(database, executionId)
      return { events, view: await getExecution(database, executionId) }
    }
    return {
      queue,
      add,
      endedBy,
      story: async (job: Job) => {
        await using recorder = recorderOf()
        await recorder.recordAll()
        return await told(executionIdOf(job))
      },
      ofCorrelation: async (jobId: string) => {
        const { items } = await listExecutions(database, { correlationId: `${name}:${jobId}` })
        return await Promise.all(items.map(({ executionId }) => told(executionId)))
      },
      recordAll: async () => {
        await using recorder = recorderOf()
        return await recorder.recordAll()
      },
    }
  }

  it('has a job that is gone before it is looked at, and says what of it is not observable', async () => {
    const { add, endedBy, recordAll, ofCorrelation, queue } = await observed('gone')
    await add('quick', { removeOnComplete: true })
    await endedBy(failing(0), ['quick'])
    await recordAll()
    const [story] = await ofCorrelation('quick')
    expect(story?.view).toMatchObject({ status: 'completed', workflowName: 'gone.work' })
    expect(story?.events[0]?.details?.['notObservable']).toEqual(['plan', 'input'])
    await queue.close()
  })

  it('tells jobs apart that had one id while nobody looked', async () => {
    const { add, endedBy, recordAll, ofCorrelation, queue } = await observed('twice')
    for (const times of [0, 1]) {
      await add('again', { removeOnComplete: true, removeOnFail: true })
      await endedBy(failing(times), ['again'])
    }
    await add('again')
    await recordAll()
    const stories = await ofCorrelation('again')
    expect(stories.map(({ view }) => view.status).toSorted()).toEqual(['completed', 'failed', 'running'])
    await queue.close()
  })

  it('has the error of each attempt that was tried again while nobody looked', async () => {
    const { add, endedBy, story, queue } = await observed('errors')
    const job = await add('errors', { attempts: 4 })
    await endedBy(failing(3), ['errors'])
    const { events } = await story(job)
    const failures = events.filter(({ eventType }) => eventType === 'STEP_FAILED')
    expect(failures.map(({ details }) => details?.['errorMessage'])).toEqual([
      'failure 1',
      'failure 2',
      'failure 3',
    ])
    await queue.close()
  })

  it('keeps no more of an error in its outbox than is told', async () => {
    const { add, endedBy, story, queue } = await observed('large')
    const job = await add('large', { attempts: 2 })
    const client = await connectOnce(url)
    const processor = steps.processor(async (each: Job) => {
      if (each.attemptsMade > 0) await steps.run(each, failing(0), { name: 'charge' })
      throw new Error('ж'.repeat(1_000_000))
    })
    await endedBy(processor, ['large'])
    const parts = { keys: redisKeys({ url }), database, options: { url }, token: 'large' }
    const outbox = await RedisOutbox.begin(client, parts)
    await outbox.hold()
    await outbox.read()
    const entries = await client.xrange(parts.keys.outbox, '-', '+')
    expect(JSON.stringify(entries).length).toBeLessThan(50_000)
    await outbox.end()
    const { events } = await story(job)
    const failures = events.filter(({ eventType }) => eventType === 'STEP_FAILED')
    const message = `${'ж'.repeat(1_999)}…`
    expect(failures.map(({ details }) => details?.['errorMessage'])).toEqual([message, message])
    await queue.close()
  })

  it('has a job that failed, was retried, and is gone', async () => {
    const { add, endedBy, story, queue } = await observed('retried')
    const job = await add('retried', { removeOnComplete: true })
    const work = failing(1)
    await endedBy(work, ['retried'])
    expect((await story(job)).view.status).toBe('failed')
    await job.retry()
    await endedBy(work, ['retried'])
    const { view, events } = await story(job)
    expect(view).toMatchObject({ status: 'completed', steps: [{ attempt: 2 }] })
    expect(events.map(({ eventType }) => eventType)).toContain('ORCHESTRATION_RESUMED')
    await queue.close()
  })

  it('has jobs as cancelled that are drained, which BullMQ tells nobody', async () => {
    const { add, story, queue } = await observed('drained')
    const job = await add('drained')
    expect((await story(job)).view.status).toBe('running')
    await queue.drain()
    const { view, events } = await story(job)
    expect(view.status).toBe('cancelled')
    expect(events.at(-1)).toMatchObject({
      reason: expect.stringContaining('BullMQ has the job no more') as string,
      details: { engineOutcome: 'unknown', notObservable: ['actor'] },
    })
    await queue.close()
  })

  it('accounts for events that were trimmed before they were read, by what jobs still tell', async () => {
    const { add, endedBy, story, queue } = await observed('trimmed', { streams: { events: { maxLen: 10 } } })
    const seen = await add('seen')
    await endedBy(failing(0), ['seen'])
    const [lost, gone] = [await add('lost', { attempts: 3 }), await add('gone', { delay: 1_000_000 })]
    expect((await story(seen)).view.status).toBe('completed')
    await gone.remove()
    await endedBy(failing(2), ['lost'])
    const many = await queue.addBulk(
      Array.from({ length: 300 }, (_, index) => ({ name: 'many', data: { index } })),
    )
    await endedBy(
      failing(0),
      many.map(({ id = '' }) => id),
      16,
    )
    const lostStory = await story(lost)
    expect(troubles.splice(0).join()).toMatch(/at least \d+ events of queue trimmed of BullMQ were trimmed/)
    expect(lostStory.view.status).toBe('completed')
    expect(lostStory.events.at(-2)).toMatchObject({
      eventType: 'STEP_SUCCESS',
      details: { notObservable: ['attempts'] },
    })
    const { rows } = await database.query<{ status: string; executions: number }>(
      `select status, count(*) as executions from workflow_executions where workflow_name = 'trimmed.many' group by status`,
    )
    expect(rows).toEqual([{ status: 'completed', executions: 300 }])
    expect((await story(gone)).view.status).toBe('cancelled')
    await recorderSaysNothing(queue)
  })

  async function recorderSaysNothing(queue: Queue): Promise<void> {
    await using recorder = recorderOf()
    await recorder.recordAll()
    expect(troubles).toEqual([])
    await queue.close()
  }

  it('goes on when Redis was killed and is there again, and a step goes on that could not be noted', async () => {
    const { add, endedBy, story, queue } = await observed('killed')
    queue.on('error', () => undefined)
    await using recorder = recorderOf()
    recorder.start()
    const before = await add('before')
    const processor = steps.processor((job: Job) => steps.run(job, failing(0), { name: 'charge' }))
    await endedBy(processor, ['before'])
    await server.kill()
    expect(await processor(before, 'token')).toBe('done')
    await expect.poll(() => troubles.join()).toContain('BullMQ did cannot be put on record at the moment')
    expect(troubles.splice(0).join()).toContain('a step of job before of queue killed is not noted')
    await server.start()
    const after = await add('after')
    await endedBy(processor, ['after'])
    await recorder.close()
    expect((await story(before)).view).toMatchObject({ status: 'completed', steps: [{ name: 'charge' }] })
    expect((await story(after)).view).toMatchObject({ status: 'completed' })
    troubles.splice(0)
    await queue.close()
  })

  it('has everything once when several recorders work', async () => {
    const { queue, endedBy } = await observed('shared')
    const recorders = Array.from({ length: 3 }, recorderOf)
    for (const recorder of recorders) recorder.start()
    const jobs = await queue.addBulk(
      Array.from({ length: 200 }, (_, index) => ({ name: 'many', data: { index } })),
    )
    const processor = steps.processor((job: Job) => steps.run(job, failing(0), { name: 'charge' }))
    await endedBy(
      processor,
      jobs.map(({ id = '' }) => id),
      16,
    )
    await recorders[0]?.close()
    const told = async () =>
      (
        await database.query<{ events: number; executions: number }>(
          `select next_seq - 1 as events, count(*) as executions
          from workflow_executions
          where workflow_name = 'shared.many'
          group by next_seq`,
        )
      ).rows
    await expect.poll(told, { timeout: 30_000 }).toEqual([{ events: 4, executions: 200 }])
    await Promise.all(recorders.map((recorder) => recorder.close()))
    expect(troubles).toEqual([])
    await queue.close()
  })

  it('writes nothing by a recorder that has lost its lock, and gives nothing away', async () => {
    const { add, queue } = await observed('fenced')
    const keys = redisKeys({ url })
    const client = await connectOnce(url)
    const parts = { keys, database, options: { url }, token: 'one' }
    const outbox = await RedisOutbox.begin(client, parts)
    expect(await outbox.hold()).toBe(true)
    await add('fenced')
    const entries = await outbox.read()
    await client.set(keys.lock, 'another')
    expect(await outbox.hold()).toBe(false)
    await expect(outbox.confirm()).rejects.toThrow('the lock of the recorder has run out')
    await expect(outbox.remove(entries)).rejects.toThrow('the lock of the recorder has run out')
    expect(await client.xlen(keys.outbox)).toBe(entries.length)
    await client.del(keys.lock)
    await outbox.end()
    await queue.close()
  })

  it('observes the queues that are named, and no place that it does not know', async () => {
    const place = { url, prefix: 'other' }
    await expect(install(place)).rejects.toMatchObject({ code: 'invalid_configuration' })
    await expect(install({ ...place, schema: 'bullmq', queues: ['jobs'] })).rejects.toMatchObject({
      code: 'invalid_configuration',
    })
    await using recorder = new BullmqRecorder(database, place)
    await expect(recorder.recordAll()).rejects.toMatchObject({ code: 'invalid_configuration' })
    expect(await install({ ...place, queues: ['one'] })).toMatchObject({ isNew: true })
    expect(await install({ ...place, queues: ['one', 'two'] })).toMatchObject({ isNew: false })
    const queue = new Queue('two', { connection: connection(), prefix: 'other' })
    await queue.add('work', {})
    expect(await recorder.recordAll()).toBe(1)
    await queue.close()
  })
})

const failing = (times: number) => {
  let made = 0
  return () => ((made += 1) <= times ? Promise.reject(new Error(`failure ${made}`)) : Promise.resolve('done'))
}
