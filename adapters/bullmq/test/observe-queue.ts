import { getExecutionEvents, observedExecutionId, openDatabase } from '@steptrail/core'
import { BullmqRecorder, executionOf } from '@steptrail/bullmq'
import { createMigratedDatabase, releaseAfterTest } from '@steptrail/testkit'
import type { Job } from 'bullmq'
import type { Backend } from './backend.ts'

/** The queue `jobs` of a backend, with the adapter beside it, and a trail that it is recorded into. */
export async function observeQueue(backend: Backend) {
  const queue = new backend.Queue('jobs', { connection: backend.connection(2) })
  await queue.waitUntilReady()
  releaseAfterTest(() => queue.close())
  const { sourceId } = await backend.install(['jobs'])
  const database = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => database.close())
  const recorder = new BullmqRecorder(database, backend.place)
  releaseAfterTest(() => recorder.close())
  /** What is on record of a job, once what BullMQ has told of it is taken. */
  const eventsOf = async ({ id = '', timestamp }: Job) => {
    await recorder.recordAll()
    const execution = executionOf({ queue: 'jobs', jobId: id, addedAt: timestamp })
    return getExecutionEvents(database, observedExecutionId({ name: 'bullmq', sourceId }, execution))
  }
  return { queue, eventsOf }
}
