import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { getExecution, openDatabase } from '@steptrail/core'
import {
  type AdapterUnderTest,
  createMigratedDatabase,
  describeAdapter,
  Program,
  releaseAfterTest,
} from '@steptrail/testkit'
import { Client, Connection } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import { describe, expect } from 'vitest'
import { scriptedUndoes } from '../test/scripted-names.ts'
import {
  engineOfClient,
  nameAsker,
  temporalCapabilities,
  temporalExecutionId,
  TemporalRecorder,
  workflowSinks,
} from './index.ts'

const address = process.env['TEMPORAL_ADDRESS']
const worker = new URL('../test/scripted-worker.ts', import.meta.url)
const workflowsPath = fileURLToPath(new URL('../test/scripted-workflow.ts', import.meta.url))
const workflowModules = [fileURLToPath(import.meta.resolve('@steptrail/temporal/workflow'))]

describe.skipIf(address === undefined)('on the server of TEMPORAL_ADDRESS', () => {
  describeAdapter('temporal', () => openTemporal(address ?? ''))
})

async function openTemporal(server: string): Promise<AdapterUnderTest> {
  const taskQueue = `steptrail-test-${randomUUID()}`
  const url = await createMigratedDatabase()
  const database = await openDatabase({ url })
  const connection = await Connection.connect({ address: server })
  const plain = new Client({ connection })
  const recorder = new TemporalRecorder(database, engineOfClient(plain), { undoes: scriptedUndoes })
  const asker = () => ({ actor: { type: 'user', id: 'anna' }, reason: 'the script says so' }) as const
  const client = new Client({ connection, interceptors: { workflow: [nameAsker(recorder, asker)] } })
  const launch = async (...held: readonly string[]): Promise<Program> => {
    const program = new Program(worker, { args: [server, taskQueue, url, ...held] })
    await program.line('ready')
    return program
  }
  let program = await launch('held')
  const runs = new Map<string, string>()
  const runOf = (workflowId: string) => ({ workflowId, runId: runs.get(workflowId) ?? '' })
  const ended = async (id: string) => void (await Promise.allSettled([plain.workflow.getHandle(id).result()]))
  const settle = async () => {
    for (const id of runs.keys()) await recorder.recordRun(runOf(id))
  }
  releaseAfterTest(async () => {
    await program.kill()
    await recorder.close()
    await connection.close()
    await database.close()
  })
  return {
    database,
    capabilities: temporalCapabilities,
    start: async (id, script) => {
      const handle = await client.workflow.start('scripted', { workflowId: id, taskQueue, args: [script] })
      runs.set(id, handle.firstExecutionRunId)
      return temporalExecutionId(runOf(id))
    },
    begun: async (id, step) => {
      await program.line(`attempt ${id} ${step} 1`)
      const isUnderWay = async () =>
        (await getExecution(database, temporalExecutionId(runOf(id)))).steps.some(
          ({ name, status }) => name === step && status === 'in_progress',
        )
      await expect.poll(isUnderWay).toBe(true)
    },
    ended,
    cancel: async (id) => {
      await client.workflow.getHandle(id).cancel()
      await ended(id)
    },
    crash: async () => {
      await program.kill()
      program = await launch()
    },
    replay: async (id) => {
      const history = await plain.workflow.getHandle(id).fetchHistory()
      const options = { workflowsPath, interceptors: { workflowModules }, sinks: workflowSinks(recorder) }
      await Worker.runReplayHistory(options, history, id)
    },
    redeliver: settle,
    settle,
  }
}
