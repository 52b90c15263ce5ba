import { getExecution, openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { createMigratedDatabase, startProgram } from '@steptrail/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { crashWorkflow } from './crash-workflow.ts'

const program = new URL('./crash-worker.ts', import.meta.url)

async function runtime() {
  const url = await createMigratedDatabase()
  const database = await openDatabase({ url })
  const saga = await createSaga(database)
  onTestFinished(async () => {
    await saga.close()
    await database.close()
  })
  const story = async (executionId: string) => {
    const { rows } = await database.query<{ event: string; reason: string | null; details: object }>(
      `select event_type || coalesce(' ' || step_name, '') || coalesce(' ' || operation_type, '') as event,
              reason, details
       from audit_event where execution_id = $1 order by execution_seq`,
      [executionId],
    )
    return rows
  }
  return { url, database, saga, story }
}

describe('a worker process killed with kill -9 inside a step', () => {
  test('is a recorded fact, and another worker takes the step to its end', async () => {
    const { url, saga, story } = await runtime()
    const doomed = startProgram(program, { args: [url, 'hang'] })
    await doomed.line('ready')
    const { executionId } = await saga.start(crashWorkflow, {})
    const inside = await doomed.line('inside act')
    const workerUuid = inside.split(' ').at(-1)
    await doomed.kill()

    await startProgram(program, { args: [url, 'work'] }).line('ready')
    const ended = await saga.waitForEnd(executionId)
    expect(ended).toMatchObject({ status: 'completed', retries: 1, unattended: [] })
    const events = await story(executionId)
    expect(events.map(({ event }) => event)).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED prepare DO',
      'STEP_SUCCESS prepare DO',
      'STEP_STARTED act DO',
      'STEP_FAILED act DO',
      'STEP_RETRY_TRIGGERED act DO',
      'STEP_SUCCESS act DO',
      'ORCHESTRATION_COMPLETED',
    ])
    expect(events[4]).toMatchObject({
      reason: 'worker lost',
      details: { outcomeUnknown: true, errorCode: 'worker_lost', workerUuid, attempt: 1 },
    })
    expect(events[6]).toMatchObject({ details: { attempt: 2, retryCount: 1 } })
  })

  test('again and again exhausts the retries: what it may have done is undone, and the execution ends', async () => {
    const { url, database, saga, story } = await runtime()
    const started = await saga.start(crashWorkflow, {})
    for (const attempt of [1, 2, 3]) {
      const doomed = startProgram(program, { args: [url, 'hang'] })
      await doomed.line(`inside act, attempt ${attempt}`)
      await doomed.kill()
    }
    await startProgram(program, { args: [url, 'work'] }).line('ready')
    const ended = await saga.waitForEnd(started.executionId)
    expect(ended.status).toBe('failed')
    const events = await story(started.executionId)
    expect(events.map(({ event }) => event).slice(-9)).toEqual([
      'STEP_FAILED act DO',
      'ORCHESTRATION_FAILED',
      'ROLLBACK_TRIGGERED',
      'ROLLBACK_STARTED',
      'STEP_STARTED act UNDO',
      'STEP_SUCCESS act UNDO',
      'STEP_STARTED prepare UNDO',
      'STEP_SUCCESS prepare UNDO',
      'ROLLBACK_COMPLETED',
    ])
    expect(events.find(({ event }) => event === 'ROLLBACK_STARTED')?.details).toEqual({
      stepsToRollback: ['act', 'prepare'],
    })
    const audit = await database.query(`select 1 from workflow_step_result_audit where success is false`)
    expect(audit.rows).toEqual([])
    expect((await getExecution(database, started.executionId)).rolledBackSteps).toBe(2)
  })
})

test('the clock goes on in another process when its holder is killed with kill -9', async () => {
  const url = await createMigratedDatabase()
  const database = await openDatabase({ url })
  onTestFinished(() => database.close())
  const fence = async () => {
    const { rows } = await database.query<{ fence: number }>('select fence from workflow_clock')
    return rows[0]?.fence ?? 0
  }
  const holder = startProgram(program, { args: [url, 'hang', 'clock'] })
  await holder.line('ready')
  await expect.poll(fence).toBe(1)
  const saga = await createSaga(database)
  onTestFinished(() => saga.close())
  const { executionId } = await saga.start(crashWorkflow, {})
  await holder.line('inside act')
  await holder.kill()
  await startProgram(program, { args: [url, 'work'] }).line('ready')
  expect((await saga.waitForEnd(executionId)).status).toBe('completed')
  expect(await fence()).toBe(2)
})
