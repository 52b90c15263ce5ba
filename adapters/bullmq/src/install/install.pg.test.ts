import { getExecution, observedExecutionId, openDatabase } from '@steptrail/core'
import { BullmqRecorder, executionOf, install } from '@steptrail/bullmq'
import { createEmptyDatabase, createMigratedDatabase, releaseAfterTest } from '@steptrail/testkit'
import { createPostgresBackend, withBackend } from 'bullmq'
import { expect, it } from 'vitest'

const { Queue } = withBackend(createPostgresBackend)

async function openTrail() {
  const database = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => database.close())
  return database
}

it('puts jobs of any schema on record, as of one installation however often it is installed', async () => {
  const url = await createEmptyDatabase()
  const database = await openTrail()
  const place = { url, schema: 'queues' }
  const connection = { connectionString: url, max: 2, migrate: true, schema: 'queues' }
  const other = new Queue('jobs', { connection })
  await other.waitUntilReady()
  const { sourceId: id, isNew } = await install(place)
  expect(isNew).toBe(true)
  expect(await install(place)).toEqual({ sourceId: id, isNew: false })
  const job = await other.add('work', {}, { jobId: 'elsewhere' })
  await job.remove()
  await other.close()
  await using from = new BullmqRecorder(database, place)
  expect(await from.recordAll()).toBe(2)
  const execution = executionOf({ queue: 'jobs', jobId: 'elsewhere', addedAt: job.timestamp })
  const executionId = observedExecutionId({ name: 'bullmq', sourceId: id }, execution)
  expect((await getExecution(database, executionId)).status).toBe('cancelled')
})

it('looks for no jobs where BullMQ has no tables, or the adapter is not installed', async () => {
  const url = await createEmptyDatabase()
  const database = await openTrail()
  await expect(install({ url, schema: 'nowhere' })).rejects.toMatchObject({ code: 'invalid_configuration' })
  await expect(install({ url, schema: '' })).rejects.toMatchObject({ code: 'invalid_configuration' })
  await using from = new BullmqRecorder(database, { url, schema: 'nowhere' })
  await expect(from.recordAll()).rejects.toMatchObject({ code: 'invalid_configuration' })
})
