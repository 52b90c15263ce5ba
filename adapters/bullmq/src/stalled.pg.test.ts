import { releaseAfterTest } from '@steptrail/testkit'
import type { WorkerOptions } from 'bullmq'
import { expect, it } from 'vitest'
import { type Backend, openPostgres, openRedisBackend } from '../test/backend.ts'
import { observeQueue } from '../test/observe-queue.ts'

const neverEnds = () => new Promise<never>(() => undefined)

function work(
  backend: Backend,
  processor: () => Promise<unknown>,
  options: Omit<WorkerOptions, 'connection'> = {},
) {
  const worker = new backend.Worker('jobs', processor, { connection: backend.connection(2), ...options })
  worker.on('error', () => undefined)
  releaseAfterTest(() => worker.close(true))
  return worker
}

it.each([
  ['PostgreSQL', openPostgres],
  ['Redis', openRedisBackend],
])(
  'a job that stalls too often on %s has no other attempt, and fails with what is not known of it',
  async (_, open) => {
    const backend = await open()
    const { queue, eventsOf } = await observeQueue(backend)
    const job = await queue.add('work', {}, { jobId: 'stalls' })
    const eventTypes = async () => (await eventsOf(job)).map(({ eventType }) => eventType)

    const stuck = work(backend, neverEnds, {
      lockDuration: 200,
      skipLockRenewal: true,
      skipStalledCheck: true,
    })
    await new Promise((resolve) => stuck.once('active', resolve))
    const watching = work(backend, neverEnds, { stalledInterval: 100, maxStalledCount: 0, concurrency: 1 })
    await watching.waitUntilReady()
    await expect.poll(eventTypes, { timeout: 20_000, interval: 20 }).toContain('ORCHESTRATION_FAILED')
    const events = await eventsOf(job)
    expect(events.slice(0, 4).map(({ eventType }) => eventType)).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED',
      'STEP_FAILED',
      'ORCHESTRATION_FAILED',
    ])
    expect(events[2]).toMatchObject({ severity: 'error', details: { outcomeUnknown: true } })
  },
)
