import './shifted-date.ts'
import { setTimeout as wait } from 'node:timers/promises'
import { createClient, createHttpDispatch } from '@steptrail/client'
import { openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import {
  createWorker,
  type Dispatch,
  type DoContext,
  FatalError,
  type UndoContext,
} from '@steptrail/workflow'
import { order, refund, type services, type Starting, startRound } from './crash-workflows.ts'
import { disagree, effect, noteStart, undoEffect, wanted } from './effects.ts'

/** What a worker process works with. */
interface Runtime extends Starting {
  readonly dispatch: Dispatch
  close(): Promise<void>
}

/**
 * A worker, decider and clock of one service, which also starts what is wanted; given the URL of a server,
 * over HTTP, which then decides. The outside world is in the database either way. It says each result on stdout before
 * it reports it, so that another process may report it as well.
 */
const [url, given, lease, serverUrl] = process.argv.slice(2)
if (url === undefined || (given !== 'stock' && given !== 'bank')) throw new Error('give a URL and a service')
const service: (typeof services)[number] = given
const database = await openDatabase({ url })
const runtime = serverUrl === undefined ? await onDatabase() : overHttp(serverUrl)

async function onDatabase(): Promise<Runtime> {
  const saga = await createSaga(database, { onTrouble: () => undefined })
  return { dispatch: saga.dispatch, start: saga.start.bind(saga), close: () => saga.close() }
}

function overHttp(server: string): Runtime {
  const client = createClient({ url: server })
  return {
    dispatch: createHttpDispatch({ url: server }),
    start: (workflow, input, options) => client.executions.start(workflow, input, options),
    close: () => Promise.resolve(),
  }
}

type Do = DoContext<unknown, unknown>

const act = async (context: Do): Promise<{ key: string }> => {
  await insist(() => noteStart(database.query, context, 'DO'))
  const luck = Math.random()
  if (luck < 0.02) throw new FatalError('The service will not have it')
  if (luck < 0.1) throw new Error('Connection timeout')
  if (luck > 0.7) await wait(luck > 0.98 ? 2_000 : luck * 200)
  await insist(() => effect(database.query, context))
  if (luck > 0.9) await wait(luck * 200)
  return { key: context.idempotencyKey }
}

const undo = async (context: UndoContext<unknown, unknown, { key: string }>): Promise<void> => {
  await insist(() => noteStart(database.query, context, 'UNDO'))
  if (context.outcome === 'completed' && context.output.key !== context.idempotencyKey) {
    await insist(() => disagree(database.query, `UNDO ${context.idempotencyKey} got ${context.output.key}`))
  }
  if (Math.random() < 0.1) throw new Error('Connection timeout')
  await insist(() => undoEffect(database.query, context))
}

/** A service that answered nothing may have done it: it is asked again until it answers. */
async function insist(ask: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await ask()
      return
    } catch {
      // The database is away, or has ended this session.
      await wait(50)
    }
  }
}

const { dispatch } = runtime
const telling: Dispatch = {
  register: (worker) => dispatch.register(worker),
  claim: (workerUuid, limit) => dispatch.claim(workerUuid, limit),
  heartbeat: (workerUuid, held) => dispatch.heartbeat(workerUuid, held),
  adjust: (request) => dispatch.adjust(request),
  release: (workerUuid, held) => dispatch.release(workerUuid, held),
  unregister: (workerUuid) => dispatch.unregister(workerUuid),
  waitForWork: (name, timeoutMs, signal) => dispatch.waitForWork(name, timeoutMs, signal),
  report: (results, room) => {
    for (const result of results) process.stdout.write(`result ${JSON.stringify(result)}\n`)
    return dispatch.report(results, room)
  },
}

const options = { leaseMs: Number(lease), concurrency: 8, pollMaxMs: 200 }
const step = { do: act, undo }
const worker =
  service === 'stock'
    ? createWorker(telling, { service: 'stock', ...options })
        .implement(order, { reserve: step, pack: step, ship: step })
        .implement(refund, { restock: step })
    : createWorker(telling, { service: 'bank', ...options })
        .implement(order, { pay: step })
        .implement(refund, { credit: step })

process.once('SIGTERM', () => void stop())

async function stop(): Promise<void> {
  try {
    await worker.close({ graceMs: 50 })
    await runtime.close()
  } finally {
    process.exit()
  }
}

await worker.start()
process.stdout.write('ready\n')

for (let last: number | null = null; ;) {
  await wait(50 + Math.random() * 100)
  try {
    const round = await wanted(database.query)
    if (round !== null && round !== last) await startRound(runtime, round)
    last = round
  } catch {
    // The database is away, or has ended this session, or this process is ending.
  }
}
