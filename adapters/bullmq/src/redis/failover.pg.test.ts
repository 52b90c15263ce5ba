import { openDatabase } from '@steptrail/core'
import { BullmqRecorder, BullmqSteps, install } from '@steptrail/bullmq'
import {
  createMigratedDatabase,
  describeOnRedis,
  Link,
  releaseAfterTest,
  startRedis,
} from '@steptrail/testkit'
import { type Job, Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'

const jobs = 300

/** A primary with a replica, both behind one port, which leads to the replica once that is promoted. */
async function openPair() {
  const [primary, replica] = [await startRedis(), await startRedis()]
  const client = new Redis(replica.url)
  await client.replicaof('127.0.0.1', primary.port)
  await expect.poll(() => client.info('replication')).toContain('master_link_status:up')
  let port = primary.port
  const link = await Link.open(() => port)
  releaseAfterTest(async () => {
    client.disconnect()
    await link.close()
  })
  return {
    url: `redis://127.0.0.1:${link.port}`,
    promote: () => client.replicaof('NO', 'ONE'),
    failOver: async () => {
      port = replica.port
      await primary.kill()
    },
  }
}

describeOnRedis('a replica that is promoted while jobs run', () => {
  it('has all its jobs on record, each once however often it was done, and what it never had as that was seen', async () => {
    const { url, promote, failOver } = await openPair()
    const database = await openDatabase({ url: await createMigratedDatabase() })
    const troubles: string[] = []
    const onTrouble = (message: string) => void troubles.push(message)
    const connection = { url, maxRetriesPerRequest: null }
    const queue = new Queue('orders', { connection })
    await queue.waitUntilReady()
    await install({ url, queues: ['orders'] })
    const steps = new BullmqSteps({ url, serviceName: 'shop', onTrouble })
    const recorder = new BullmqRecorder(database, { url, onTrouble, pollMs: 20, share: 1 })
    recorder.start()
    await queue.addBulk(
      Array.from({ length: jobs }, (_, index) => ({
        name: 'work',
        data: {},
        opts: { jobId: `job-${index}` },
      })),
    )
    const done = new Set<string>()
    const work = steps.processor(async (job: Job) => {
      await steps.run(job, () => Promise.resolve(1), { name: 'charge' })
      done.add(job.id ?? '')
    })
    const worker = new Worker('orders', work, {
      connection,
      concurrency: 4,
      lockDuration: 1_000,
      stalledInterval: 500,
      maxStalledCount: 10,
    })
    queue.on('error', () => undefined)
    worker.on('error', () => undefined)
    releaseAfterTest(async () => {
      await recorder.close()
      await steps.close()
      await worker.close(true)
      await queue.close()
      await database.close()
    })
    await expect.poll(() => done.size).toBeGreaterThan(50)
    await promote()
    const sinceCut = done.size
    await queue.add('work', {}, { jobId: 'lost', delay: 1_000_000 })
    await expect.poll(() => done.size).toBeGreaterThan(sinceCut + 50)
    const lost = `select from workflow_executions where engine_execution_id like '%lost%'`
    await expect.poll(async () => (await database.query(lost)).rows, { timeout: 15_000 }).toHaveLength(1)
    await failOver()
    await expect
      .poll(() => queue.getJobCounts('completed', 'wait', 'active', 'delayed'), { timeout: 15_000 })
      .toEqual({ completed: jobs, wait: 0, active: 0, delayed: 0 })
    const told = async () =>
      (
        await database.query(
          `select status, count(*)::int as executions from workflow_executions group by status order by status`,
        )
      ).rows
    // The last was added where nobody kept it.
    await expect.poll(told, { timeout: 15_000 }).toEqual([
      { status: 'completed', executions: jobs },
      { status: 'running', executions: 1 },
    ])
    expect(troubles.join()).toContain('a replica was promoted')
    expect(troubles.filter((each) => each.includes('refuse'))).toEqual([])
  }, 60_000)
})
