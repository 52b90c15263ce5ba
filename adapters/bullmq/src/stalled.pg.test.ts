import { getExecutionEvents, observedExecutionId, openDatabase } from '@steptrail/core'
import { BullmqRecorder, executionOf } from '@steptrail/bullmq'
import { createMigratedDatabase, releaseAfterTest } from '@steptrail/testkit'
import type { WorkerOptions } from 'bullmq'
import { expect, it } from 'vitest'
import { type Backend, openPostgres, openRedisBackend } from '../test/backend.ts'

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
    const queue = new backend.Queue('jobs', { connection: backend.connection(2) })
    await queue.waitUntilReady()
    releaseAfterTest(() => queue.close())
    const { sourceId } = await backend.install(['jobs'])
    const database = await openDatabase({ url: await createMigratedDatabase() })
    releaseAfterTest(() => database.close())
    await using recorder = new BullmqRecorder(database, backend.place)
    const job = await queue.add('work', {}, { jobId: 'stalls' })
    const execution = executionOf({ queue: 'jobs', jobId: 'stalls', addedAt: job.timestamp })
    const executionId = observedExecutionId({ name: 'bullmq', sourceId }, execution)
    const eventTypes = async () => {
      await recorder.recordAll()
      return (await getExecutionEvents(database, executionId)).map(({ eventType }) => eventType)
    }

    const stuck = work(backend, neverEnds, {
      lockDuration: 200,
      skipLockRenewal: true,
      skipStalledCheck: true,
    })
    await new Promise((resolve) => stuck.once('active', resolve))
    const watching = work(backend, neverEnds, { stalledInterval: 100, maxStalledCount: 0, concurrency: 1 })
    await watching.waitUntilReady()
    await expect.poll(eventTypes, { timeout: 20_000, interval: 20 }).toContain('ORCHESTRATION_FAILED')
    const events = await getExecutionEvents(database, executionId)
    expect(events.slice(0, 4).map(({ eventType }) => eventType)).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED',
      'STEP_FAILED',
      'ORCHESTRATION_FAILED',
    ])
    expect(events[2]).toMatchObject({ severity: 'error', details: { outcomeUnknown: true } })
  },
)
