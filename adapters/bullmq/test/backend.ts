import { createEmptyDatabase, releaseAfterTest, startRedis } from '@steptrail/testkit'
import { type BullmqPlace, install, type Installation } from '@steptrail/bullmq'
import type { ConnectionOptions } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import { collecting, redisKeys } from '../src/redis/redis-keys.ts'
import { collectEvents, runScript } from '../src/redis/scripts.ts'
import { type Classes, classesFor, connectionTo } from './classes.ts'

/** A backend of BullMQ with what tests do there behind its back. */
export interface Backend extends Classes {
  readonly place: BullmqPlace
  /** Whether it keeps how long a job was to wait; otherwise it keeps until when alone. */
  readonly keepsDelays: boolean
  /** Connection options for so many at a time. */
  connection(max: number): ConnectionOptions
  install(queues: readonly string[]): Promise<Installation>
  /** What the outbox has now; gives what puts it there again, with what it had each time before. */
  keepOutbox(): Promise<() => Promise<void>>
  /** Lets a job that is active be another attempt. */
  takeAway(queue: string, jobId: string): Promise<void>
  /** Puts into the outbox what nobody knows. */
  addOddEntry(): Promise<void>
  /** Of what was set aside, the id of the job and why. */
  refused(): Promise<readonly { readonly jobId: string; readonly reason: string }[]>
  hasEnded(queue: string, jobId: string): Promise<boolean>
  /** Whether it is noted that a step of a job has begun. */
  hasBegun(jobId: string, step: string): Promise<boolean>
}

/** PostgreSQL, with the tables of BullMQ. */
export async function openPostgres(): Promise<Backend> {
  const url = await createEmptyDatabase()
  const classes = classesFor(url)
  const connection = { ...connectionTo(url, 1), migrate: true } as ConnectionOptions
  const queue = new classes.Queue('jobs', { connection })
  await queue.waitUntilReady()
  await queue.close()
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => undefined)
  releaseAfterTest(() => pool.end())
  const isThere = async (query: string, values: readonly unknown[]) =>
    ((await pool.query(query, [...values])).rowCount ?? 0) > 0
  const kept = new Map<string, object>()
  return {
    ...classes,
    place: { url },
    keepsDelays: true,
    connection: (max) => connectionTo(url, max),
    install: () => install({ url }),
    keepOutbox: async () => {
      const { rows } = await pool.query<{ id: string; row: object }>(
        'select id, to_json(outbox) as row from bullmq_steptrail.outbox order by id',
      )
      for (const { id, row } of rows) kept.set(id, row)
      return async () => {
        await pool.query(
          `insert into bullmq_steptrail.outbox overriding system value
          select * from json_populate_recordset(null::bullmq_steptrail.outbox, $1)`,
          [JSON.stringify([...kept.values()])],
        )
      }
    },
    takeAway: async (queueName, jobId) => {
      await pool.query('update bullmq.job set attempts_started = 7 where queue = $1 and id = $2', [
        queueName,
        jobId,
      ])
    },
    addOddEntry: async () => {
      await pool.query(
        `insert into bullmq_steptrail.outbox (queue, job_id, added_at, kind, body) values ('jobs', 'odd', 1, 'odd', '{}')`,
      )
    },
    refused: async () =>
      (
        await pool.query<{ jobId: string; reason: string }>(
          'select job_id as "jobId", reason from bullmq_steptrail.refused',
        )
      ).rows,
    hasEnded: (queueName, jobId) =>
      isThere(`select from bullmq.job where queue = $1 and id = $2 and state in ('completed', 'failed')`, [
        queueName,
        jobId,
      ]),
    hasBegun: (jobId, step) =>
      isThere(
        `select from bullmq_steptrail.outbox where job_id = $1 and kind = 'noted' and body @> $2::text::jsonb`,
        [jobId, JSON.stringify({ notes: [{ kind: 'attempt_started', name: step }] })],
      ),
  }
}

const outbox = 'steptrail:bull:outbox'

/** A Redis of its own. */
export async function openRedisBackend(): Promise<Backend> {
  const { url } = await startRedis()
  const client = new Redis(url)
  client.on('error', () => undefined)
  releaseAfterTest(() => Promise.resolve(client.disconnect()))
  const kept = new Map<string, readonly string[]>()
  const entries = async (key: string) =>
    (await client.xrange(key, '-', '+')).map(([, fields]) => fieldsOf(fields))
  return {
    ...classesFor(url),
    place: { url },
    keepsDelays: false,
    connection: (max) => connectionTo(url, max),
    install: (queues) => install({ url, queues }),
    keepOutbox: async () => {
      const keys = redisKeys({ url })
      for (const queue of await client.smembers(keys.queues)) {
        const given = collecting(keys, queue)
        await runScript(client, collectEvents, { ...given, values: [...given.values, 10_000] })
      }
      for (const [id, fields] of await client.xrange(outbox, '-', '+')) kept.set(id, fields)
      return async () => {
        await client.del(outbox)
        for (const [id, fields] of kept) await client.xadd(outbox, id, ...fields)
      }
    },
    takeAway: async (queueName, jobId) => {
      await client.hset(`bull:${queueName}:${jobId}`, 'ats', 7)
    },
    addOddEntry: async () => {
      const fields = { queue: 'jobs', jobId: 'odd', addedAt: '1', at: '1', kind: 'odd', body: '{}' }
      await client.xadd(outbox, '*', ...Object.entries(fields).flat())
    },
    refused: async () =>
      (await entries('steptrail:bull:refused')).map(({ jobId = '', reason = '' }) => ({ jobId, reason })),
    hasEnded: async (queueName, jobId) =>
      (await client.hexists(`bull:${queueName}:${jobId}`, 'finishedOn')) === 1,
    hasBegun: async (jobId, step) =>
      (await entries(outbox)).some(
        (entry) => entry['jobId'] === jobId && entry['kind'] === 'noted' && hasStarted(entry['body'], step),
      ),
  }
}

const fieldsOf = (fields: readonly string[]): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? ''] as const] : [])),
  )

function hasStarted(body: string | undefined, step: string): boolean {
  const { notes } = JSON.parse(body ?? '{"notes":[]}') as { notes: readonly { kind: string; name: string }[] }
  return notes.some(({ kind, name }) => kind === 'attempt_started' && name === step)
}
