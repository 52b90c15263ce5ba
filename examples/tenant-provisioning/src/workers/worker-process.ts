import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Service } from './worker-of.ts'
import { didNotStart, isWorkerMessage, programFile, type RunningWorker } from './running-worker.ts'

/** A PostgreSQL database, and the schema of the trail in it. */
export interface DatabaseAddress {
  readonly url: string
  readonly schema: string
}

/** Starts a worker as a process of its own, which connects to the database by itself. */
export async function startWorkerProcess(service: Service, address: DatabaseAddress): Promise<RunningWorker> {
  const child = fork(programFile('../workers', import.meta.url), [service], {
    env: { ...process.env, DATABASE_URL: address.url, STEPTRAIL_SCHEMA: address.schema },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const workerUuid = await started(service, child)
  return {
    service,
    workerUuid,
    place: `process ${child.pid}`,
    kill: () => ended(child, () => child.kill('SIGKILL')),
    close: () => ended(child, () => child.send({ kind: 'close' })),
  }
}

async function started(service: Service, child: ChildProcess): Promise<string> {
  const gone = new AbortController()
  child.once('exit', (code, signal) =>
    gone.abort(didNotStart(service, `its process ended with ${signal ?? code}`)),
  )
  child.once('error', (error) => gone.abort(didNotStart(service, error.message)))
  try {
    const [message] = (await once(child, 'message', { signal: gone.signal })) as readonly unknown[]
    if (!isWorkerMessage(message)) throw didNotStart(service, 'it said something else')
    if (message.kind === 'failed') throw didNotStart(service, message.message)
    return message.workerUuid
  } catch (error) {
    child.kill('SIGKILL')
    throw gone.signal.aborted ? gone.signal.reason : error
  }
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  end()
  await exit
}
