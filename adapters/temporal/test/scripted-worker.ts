import { fileURLToPath } from 'node:url'
import { openDatabase } from '@steptrail/core'
import { engineOfClient, recordAttempts, TemporalRecorder, workflowSinks } from '@steptrail/temporal'
import type { ScriptedStep } from '@steptrail/testkit'
import { Context } from '@temporalio/activity'
import { Client } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { scriptedNames, scriptedUndoes, undoOf } from './scripted-names.ts'

/**
 * A worker that does what scripts say: `scripted-worker.ts ADDRESS TASK-QUEUE URL [held]`. With `held`, steps that are to be
 * held wait until the process ends.
 */
const [address, taskQueue, url, held] = process.argv.slice(2)
if (address === undefined || taskQueue === undefined || url === undefined)
  throw new Error('give the address of Temporal, a task queue, and the URL of the trail')

const say = (...words: readonly unknown[]) => void process.stdout.write(`${words.join(' ')}\n`)

async function perform({ name, failures = 0, isHeld = false }: ScriptedStep): Promise<string> {
  const { info, heartbeat } = Context.current()
  say('attempt', info.workflowExecution?.workflowId, name, info.attempt)
  const beat = setInterval(() => heartbeat(), 200)
  try {
    if (isHeld && held !== undefined) await Context.current().cancelled
    if (info.attempt <= failures) throw new Error(`${name} failed in attempt ${info.attempt}`)
    return `${name} is done`
  } finally {
    clearInterval(beat)
  }
}

const activities = Object.fromEntries(
  scriptedNames.flatMap((name) => [
    [name, perform],
    [undoOf(name), () => Promise.resolve(`${name} is undone`)],
  ]),
)

const connection = await NativeConnection.connect({ address })
const database = await openDatabase({ url })
const recorder = new TemporalRecorder(database, engineOfClient(new Client({ connection })), {
  undoes: scriptedUndoes,
  onTrouble: (message, cause) => void process.stderr.write(`${message}: ${String(cause)}\n`),
})
recorder.start()
const worker = await Worker.create({
  connection,
  taskQueue,
  activities,
  workflowsPath: fileURLToPath(new URL('scripted-workflow.ts', import.meta.url)),
  interceptors: {
    activity: [recordAttempts(recorder)],
    workflowModules: [fileURLToPath(import.meta.resolve('@steptrail/temporal/workflow'))],
  },
  sinks: workflowSinks(recorder),
})
say('ready')
await worker.run()
