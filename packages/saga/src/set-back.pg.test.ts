import { type Database, openDatabase } from '@steptrail/core'
import { createMigratedDatabase, releaseAfterTest } from '@steptrail/testkit'
import { createWorker, defineWorkflow } from '@steptrail/workflow'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createSaga } from './saga.ts'

const workflow = defineWorkflow({
  name: 'set-back',
  version: '1.0.0',
  input: z.object({ number: z.number() }),
  steps: { only: { service: 'service', output: z.object({ number: z.number() }), undo: 'none' } },
})

const tables = [
  'workflow_step_transitions',
  'workflow_step_result_audit',
  'workflow_execution_audit',
  'audit_event',
  'workflow_step_edges',
  'workflow_steps',
  'workflow_executions',
  'workflow_definitions',
  'workflow_workers',
]

/** Makes the database what a backup of its first minute brings back: migrated, and nothing in it. */
async function setBack(url: string): Promise<void> {
  await using superuser = await openDatabase({ url })
  await superuser.transaction(async (tx) => {
    for (const table of tables) await tx(`alter table ${table} disable trigger all`)
    for (const table of tables) await tx(`delete from ${table}`)
    for (const table of tables) await tx(`alter table ${table} enable trigger all`)
  })
}

it('workers and runtimes that a restored database knows nothing of go on with it by themselves', async () => {
  const url = await createMigratedDatabase()
  const database: Database = await openDatabase({ url })
  releaseAfterTest(() => database.close())
  await using saga = await createSaga(database)
  await using worker = createWorker(saga.dispatch, {
    service: 'service',
    leaseMs: 300,
    pollMinMs: 5,
  }).implement(workflow, { only: { do: ({ input }) => ({ number: input.number }) } })
  await worker.start()
  const run = async (number: number): Promise<unknown> => {
    const { executionId } = await saga.start(workflow, { number })
    return await saga.waitForEnd(executionId, AbortSignal.timeout(20_000))
  }
  expect(await run(1)).toMatchObject({ status: 'completed' })
  await setBack(url)
  expect(await run(2)).toMatchObject({ status: 'completed', output: { only: { number: 2 } } })
})

it('a worker that is not registered is told so by its heartbeat', async () => {
  const database = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(() => database.close())
  await using saga = await createSaga(database)
  const nobody = '019a4f0c-5c7b-7000-8000-000000000001'
  await expect(saga.dispatch.heartbeat(nobody, [])).rejects.toMatchObject({ code: 'worker_unknown' })
})
