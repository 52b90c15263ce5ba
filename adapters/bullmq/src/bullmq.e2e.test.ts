import { setTimeout as pause } from 'node:timers/promises'
import { observedExecutionId, openDatabase } from '@steptrail/core'
import type { EngineCapabilities } from '@steptrail/event'
import { bullmqCapabilities, bullmqOnRedisCapabilities, BullmqRecorder, executionOf } from '@steptrail/bullmq'
import {
  type AdapterUnderTest,
  createMigratedDatabase,
  describeAdapter,
  describeOnRedis,
  Program,
  releaseAfterTest,
} from '@steptrail/testkit'
import { describe } from 'vitest'
import { type Backend, openPostgres, openRedisBackend } from '../test/backend.ts'

const app = new URL('../test/scripted-app.ts', import.meta.url)

describe('jobs on PostgreSQL', () => {
  describeAdapter('bullmq', async () => await openBullmq(await openPostgres(), bullmqCapabilities))
})

describeOnRedis('jobs', () => {
  describeAdapter('bullmq', async () => await openBullmq(await openRedisBackend(), bullmqOnRedisCapabilities))
})

async function openBullmq(backend: Backend, capabilities: EngineCapabilities): Promise<AdapterUnderTest> {
  const { url } = backend.place
  const { sourceId } = await backend.install(['scripts'])
  const database = await openDatabase({ url: await createMigratedDatabase() })
  const recorder = new BullmqRecorder(database, { url })
  let program: Program = await launch(url, 'held')
  releaseAfterTest(async () => {
    await program.kill()
    await recorder.close()
    await database.close()
  })
  const order = (content: object) => void program.stdin.write(`${JSON.stringify(content)}\n`)
  let putBack: () => Promise<void> = () => Promise.resolve()
  const ended = (id: string) => until(() => backend.hasEnded('scripts', id))
  return {
    database,
    capabilities,
    start: async (id, script) => {
      order({ start: id, script })
      const addedAt = Number((await program.line(`added ${id} `)).split(' ').at(-1))
      return observedExecutionId(
        { name: 'bullmq', sourceId },
        executionOf({ queue: 'scripts', jobId: id, addedAt }),
      )
    },
    begun: async (id, step) => {
      await program.line(`attempt ${id} ${step}`)
      await until(() => backend.hasBegun(id, step))
    },
    ended,
    cancel: async (id) => {
      order({ cancel: id })
      await ended(id)
    },
    crash: async () => {
      await program.kill()
      program = await launch(url)
    },
    replay: async (id, script) => {
      order({ start: id, script })
      await program.line(`added ${id}`)
    },
    redeliver: async () => {
      await putBack()
      await recorder.recordAll()
    },
    settle: async () => {
      putBack = await backend.keepOutbox()
      await recorder.recordAll()
    },
  }
}

async function launch(url: string, ...held: readonly string[]): Promise<Program> {
  const program = new Program(app, { args: [url, ...held] })
  await program.line('ready')
  return program
}

/** Asks until it is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(20)
}
