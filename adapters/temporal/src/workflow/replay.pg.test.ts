import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type Database, getExecutionEvents } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { HistoryMaker, payloadOf } from '../../test/history-maker.ts'
import { importHistory, readHistory, temporalExecutionId, TemporalRecorder, workflowSinks } from '../index.ts'

const logger = new DefaultLogger('ERROR')
let database: Database
let workflowBundle: WorkflowBundle
beforeAll(async () => {
  Runtime.install({ logger, telemetryOptions: { logging: { filter: 'ERROR', forward: {} } } })
  database = await openTestDatabase('embedded')
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../test/order-workflow.ts', import.meta.url)),
    workflowInterceptorModules: [fileURLToPath(import.meta.resolve('@steptrail/temporal/workflow'))],
    logger,
  })
}, 120_000)

const made = (...activities: readonly string[]) => {
  const runId = randomUUID()
  const run = { workflowId: `order ${runId}`, runId }
  const maker = new HistoryMaker(run.workflowId, runId)
  for (const name of activities) maker.activity(name)
  return { run, json: maker.completed().json() }
}

describe('a workflow with the interceptors', () => {
  it('does what it did before, and puts nothing on record when it is replayed, however often', async () => {
    const { run, json } = made('reserve', 'charge')
    const asked: string[] = []
    const engine = {
      history: () => {
        asked.push('history')
        return Promise.resolve(json)
      },
      currentRun: () => Promise.resolve(run.runId),
    }
    const recorder = new TemporalRecorder(database, engine)
    await importHistory(database, readHistory(json, { name: 'made' }))
    const events = await getExecutionEvents(database, temporalExecutionId(run))
    for (let replay = 0; replay < 2; replay += 1)
      await Worker.runReplayHistory({ workflowBundle, sinks: workflowSinks(recorder) }, json, run.workflowId)
    expect(await recorder.recordNoted()).toBe(0)
    expect(asked).toEqual([])
    expect(await getExecutionEvents(database, temporalExecutionId(run))).toEqual(events)
  })

  it('does what it did before with an update that it took', async () => {
    const runId = randomUUID()
    const maker = new HistoryMaker(`order ${runId}`, runId)
    const scheduled = maker.schedule('reserve')
    const meta = { updateId: 'u1', identity: '5@web' }
    maker.task().event('workflowExecutionUpdateAccepted', {
      protocolInstanceId: 'u1',
      acceptedRequestMessageId: 'u1/request',
      acceptedRequestSequencingEventId: `${maker.last - 2}`,
      acceptedRequest: { meta, input: { name: 'approve' } },
    })
    maker.event('workflowExecutionUpdateCompleted', {
      meta,
      acceptedEventId: `${maker.last}`,
      outcome: { success: { payloads: [payloadOf('yes')] } },
    })
    const json = maker.end('reserve', scheduled).task().activity('charge').completed().json()
    const recorder = new TemporalRecorder(database, {
      history: () => Promise.resolve(null),
      currentRun: () => Promise.resolve(runId),
    })
    await Worker.runReplayHistory({ workflowBundle, sinks: workflowSinks(recorder) }, json, `order ${runId}`)
    expect(await recorder.recordNoted()).toBe(0)
  })

  it('is told from one that does something else', async () => {
    const { run, json } = made('reserve')
    const replayed = Worker.runReplayHistory({ workflowBundle, sinks: {} }, json, run.workflowId)
    await expect(replayed).rejects.toThrow(/Nondeterminism/)
  })
})
