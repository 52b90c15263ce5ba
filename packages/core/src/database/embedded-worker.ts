import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import type { ThreadAnswer, ThreadCall, ThreadData } from './embedded-thread.ts'

const { location, loadDataDir } = workerData as ThreadData
const engine = new PGlite(location, { ...(loadDataDir && { loadDataDir }) })

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
const answer = (given: ThreadAnswer): void => parentPort?.postMessage(given)

/** Threads send an error's message, and none of its other fields. */
const sendable = (error: unknown): Readonly<Record<string, unknown>> =>
  error instanceof Error
    ? { ...Object.fromEntries(Object.entries(error)), name: 'error', message: error.message }
    : { message: String(error) }

async function run({ id, method, arguments: given }: ThreadCall): Promise<void> {
  try {
    const call = engine[method] as (...values: readonly unknown[]) => Promise<unknown>
    const result = await call.apply(engine, given as unknown[])
    answer({ id, result: Array.isArray(result) ? result.map(asSendable) : null })
  } catch (error) {
    answer({ id, error: sendable(error) })
  }
}

const asSendable = (message: unknown): unknown => (message instanceof Error ? sendable(message) : message)

parentPort?.on('message', (call: ThreadCall) => void run(call))
try {
  await engine.waitReady
  answer({ id: 0, result: null })
} catch (error) {
  answer({ id: 0, error: sendable(error) })
}
