import { describeOnRedis, type RedisServer, startRedis } from '@steptrail/testkit'
import { type Job, Queue, Worker } from 'bullmq'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { beforeAll, expect, it } from 'vitest'
import type { LeftBody, OutboxEntry } from '../record/outbox.ts'
import { executionOf } from '../record/observations-of.ts'
import { readEntry } from '../record/read-entry.ts'
import { collectEvents, compareJobs, observeQueue, runScript } from './scripts.ts'

/** What may happen to jobs with the ids 0 to 2, of which up to three are active. */
type Happening =
  | { readonly what: 'add'; readonly id: number; readonly attempts: number; readonly isKept: boolean }
  | { readonly what: 'take' | 'drain' | 'look' | 'trim' }
  | { readonly what: 'complete' | 'fail' | 'putBack' | 'stall'; readonly active: number }
  | { readonly what: 'remove' | 'retry'; readonly id: number }

const runs = Number(process.env['STEPTRAIL_PROPERTY_RUNS'] ?? 60)

/** Custom ids of BullMQ may not be numbers. */
const ids = ['id-0', 'id-1', 'id-2']

const id = fc.integer({ min: 0, max: 2 })
const active = fc.integer({ min: 0, max: 1 })
const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('add' as const),
      id,
      attempts: fc.integer({ min: 1, max: 3 }),
      isKept: fc.boolean(),
    }),
  },
  { weight: 10, arbitrary: fc.record({ what: fc.constantFrom('take' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('drain' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constantFrom('complete' as const, 'fail' as const), active }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('putBack' as const, 'stall' as const), active }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('remove' as const, 'retry' as const), id }) },
)

describeOnRedis('what is collected of the events of BullMQ', () => {
  let server: RedisServer
  let client: Redis
  let made = 0
  beforeAll(async () => {
    server = await startRedis()
    client = new Redis(server.url)
    return () => client.disconnect()
  }, 60_000)

  /** Looks at a queue under keys of its own. */
  function observer(queue: string, name: string) {
    const outbox = `${name}:${queue}:outbox`
    const keys = [`${name}:${queue}:state`, `${name}:${queue}:jobs`, outbox, `bull:${queue}:events`]
    const values = [`bull:${queue}:`, queue, 'bull']
    return {
      begin: () => runScript(client, observeQueue, { keys: [keys[0] ?? '', keys[3] ?? ''], values: [] }),
      look: () => runScript(client, collectEvents, { keys, values: [...values, 1_000] }),
      compare: () => runScript(client, compareJobs, { keys, values: [...values, ...ids] }),
      told: async () => (await client.xrange(outbox, '-', '+')).map(readEntry),
    }
  }

  /** What two observers tell of the same happenings: one that looks after each, and one that looks now and then. */
  async function observedBoth(happenings: readonly Happening[]) {
    const name = `queue-${(made += 1)}`
    const [always, sometimes] = [observer(name, 'always'), observer(name, 'sometimes')]
    await using engine = await Engine.open(server.url, name)
    await Promise.all([always.begin(), sometimes.begin()])
    for (const each of happenings) {
      if (each.what === 'look') await sometimes.look()
      if (each.what === 'trim') await client.xtrim(`bull:${name}:events`, 'MAXLEN', 0)
      await engine.happen(each)
      await always.look()
      if (each.what === 'drain') await always.compare()
    }
    await Promise.all([always.compare(), sometimes.compare()])
    return { whole: await always.told(), seen: await sometimes.told() }
  }

  it(
    'is the same whenever one looks, or says of attempts that they were not seen',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyHappening, { minLength: 10, maxLength: 40 }), async (happenings) => {
          const { whole, seen } = await observedBoth(happenings)
          for (const jobId of ids) requireHonest(of(jobId, whole), of(jobId, seen))
        }),
        { numRuns: runs },
      )
    },
    120_000 * Math.max(1, runs / 60),
  )

  it(
    'is how jobs ended where events were trimmed, and says of attempts that they were not seen',
    async () => {
      const trimmed = fc.oneof(
        { weight: 10, arbitrary: anyHappening },
        { weight: 1, arbitrary: fc.record({ what: fc.constant('trim' as const) }) },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(trimmed, { minLength: 10, maxLength: 40 }), async (happenings) => {
          const { whole, seen } = await observedBoth(happenings)
          const stories = Map.groupBy(whole, executionOf)
          for (const [execution, story] of Map.groupBy(seen, executionOf))
            if (!isOfTwoJobs(story, stories.get(execution), whole))
              requireAccounted(stories.get(execution), story)
        }),
        { numRuns: runs },
      )
    },
    120_000 * Math.max(1, runs / 60),
  )
})

/** It has the end that is known, or says that it is not known; and all attempts, or says that it has not. */
function requireAccounted(whole: readonly OutboxEntry[] | undefined, seen: readonly OutboxEntry[]): void {
  const isUnseen = seen.some(
    ({ kind, body }) => kind !== 'taken_up' && kind !== 'noted' && body.isBackfilled === true,
  )
  // A job that was gone when it was looked at is told of by another time, be it that of another job, and without its data.
  const wasGone = seen[0]?.kind === 'added' && seen[0].body.sha256 === null
  if (!whole || wasGone) return expect(seen[0]).toMatchObject({ kind: 'added', body: { sha256: null } })
  const [end, seenEnd] = [whole.at(-1), seen.at(-1)]
  if (seenEnd?.kind === 'removed' && seenEnd.body.from === 'unknown') return
  if (seenEnd && end && endOf(end) === 'removed' && wasTakenUpAfter(seenEnd, whole)) return
  expect(seenEnd && endOf(seenEnd)).toBe(end && endOf(end))
  // Of one that goes on, the next entry says it.
  if (!isUnseen && seenEnd && endOf(seenEnd) !== 'goes on')
    expect(failuresOf(seen)).toEqual(failuresOf(whole))
}

/**
 * A job that was removed, and another that was added with its id and ended, where it is lost that they are two: the end
 * of the second is taken for that of the first, and says that attempts before it were not seen.
 */
function isOfTwoJobs(
  seen: readonly OutboxEntry[],
  first: readonly OutboxEntry[] | undefined,
  whole: readonly OutboxEntry[],
): boolean {
  const [end, firstEnd] = [seen.at(-1), first?.at(-1)]
  if (end?.kind !== 'left' || end.body.isBackfilled !== true || firstEnd?.kind !== 'removed') return false
  return whole.some(
    (entry) =>
      entry.jobId === end.jobId &&
      executionOf(entry) !== executionOf(firstEnd) &&
      entry.kind === 'left' &&
      entry.body.to === end.body.to,
  )
}

/** Retried after its end, and gone with every event since: there is nothing left that tells it from one that was cleaned. */
const wasTakenUpAfter = (seenEnd: OutboxEntry, whole: readonly OutboxEntry[]): boolean =>
  endOf(seenEnd) !== 'goes on' &&
  whole.some((entry, index) => endOf(entry) === endOf(seenEnd) && whole[index + 1]?.kind === 'taken_up')

const endOf = (entry: OutboxEntry): string => {
  if (entry.kind === 'removed') return 'removed'
  const isEnd = entry.kind === 'left' && (entry.body.to === 'completed' || entry.body.to === 'failed')
  return isEnd ? entry.body.to : 'goes on'
}

const failuresOf = (story: readonly OutboxEntry[]): number =>
  story.filter(({ kind, body }) => kind === 'left' && body.hasFailed).length

const of = (jobId: string, entries: readonly OutboxEntry[]) =>
  entries.filter((entry) => entry.jobId === jobId)

/** What was seen late tells the same, but for attempts of which it says that they were not seen. */
function requireHonest(whole: readonly OutboxEntry[], seen: readonly OutboxEntry[]): void {
  expect(seen.map(outlineOf)).toEqual(whole.map(outlineOf))
  seen.forEach((entry, index) => {
    const complete = whole[index]
    if (entry.kind !== 'left' || complete?.kind !== 'left') return
    if (entry.body.isBackfilled !== true)
      expect(countsOf(entry.body)).toEqual(countsOf({ ...complete.body, error: knownError(entry, complete) }))
  })
}

const outlineOf = ({ kind, body }: OutboxEntry): string =>
  kind === 'left' ? `left to ${body.to}${body.isStalled ? ' as stalled' : ''}` : kind

const countsOf = ({ made, hasFailed, error }: LeftBody) => ({ made, hasFailed, error })

/** An error that BullMQ has kept no more is left out, and never another. */
const knownError = (
  seen: OutboxEntry & { readonly kind: 'left' },
  whole: OutboxEntry & { readonly kind: 'left' },
): string | null => (seen.body.error === null ? null : whole.body.error)

/** A queue and a worker that are driven by hand. */
class Engine implements AsyncDisposable {
  readonly #queue: Queue
  readonly #worker: Worker
  readonly #client: Redis
  readonly #active: Job[] = []
  #errors = 0

  private constructor(queue: Queue, worker: Worker, client: Redis) {
    this.#queue = queue
    this.#worker = worker
    this.#client = client
  }

  static async open(url: string, name: string): Promise<Engine> {
    const connection = { url, maxRetriesPerRequest: null }
    const queue = new Queue(name, { connection })
    const worker = new Worker(name, undefined, { connection, autorun: false, maxStalledCount: 1 })
    await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])
    return new Engine(queue, worker, new Redis(url))
  }

  async happen(happening: Happening): Promise<void> {
    if (happening.what === 'add') return await this.#add(happening)
    if (happening.what === 'take') return await this.#take()
    if (happening.what === 'drain') return await this.#queue.drain()
    if (happening.what === 'remove' || happening.what === 'retry') return await this.#change(happening)
    if (!('active' in happening)) return
    const [job] = this.#active.splice(happening.active, 1)
    if (!job) return
    if (happening.what === 'complete') await job.moveToCompleted('done', 'token', false)
    if (happening.what === 'fail')
      await job.moveToFailed(new Error(`failure ${(this.#errors += 1)}`), 'token')
    if (happening.what === 'putBack') await job.moveToWait('token')
    if (happening.what === 'stall') await this.#stall(job)
  }

  async #add({ id: jobId, attempts, isKept }: Happening & { readonly what: 'add' }): Promise<void> {
    const options = { jobId: `id-${jobId}`, attempts, removeOnComplete: !isKept, removeOnFail: !isKept }
    await this.#queue.add('work', {}, options)
  }

  async #take(): Promise<void> {
    if (this.#active.length === 3) return
    const job = await this.#worker.getNextJob('token', { block: false })
    if (job) this.#active.push(job)
  }

  async #change({ what, id: jobId }: Happening & { readonly what: 'remove' | 'retry' }): Promise<void> {
    const job = await this.#queue.getJob(`id-${jobId}`)
    if (!job || this.#active.some((each) => each.id === job.id)) return
    if (what === 'remove') return await job.remove()
    const state = await job.getState()
    if (state === 'failed' || state === 'completed') await job.retry(state)
  }

  /** Its worker is gone, which BullMQ finds at the second look. */
  async #stall({ id: jobId = '' }: Job): Promise<void> {
    const key = `bull:${this.#queue.name}`
    await this.#client.del(`${key}:${jobId}:lock`)
    for (let looks = 0; looks < 2; looks += 1) {
      await this.#client.del(`${key}:stalled-check`)
      await (this.#worker as unknown as { moveStalledJobsToWait(): Promise<void> }).moveStalledJobsToWait()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.disconnect()
    await this.#worker.close(true)
    await this.#queue.close()
  }
}
