import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Database } from '@steptrail/core'
import type { Saga } from '@steptrail/saga'
import { type Service, services, workerOf } from './worker-of.ts'

/** Where the workers run. */
export interface CrewPlace {
  readonly database: Database
  readonly saga: Saga
  /** A PostgreSQL server: each worker is a process of its own, which connects to it. Undefined: they run in this one. */
  readonly url: string | undefined
}

/** A worker for each service, at work until it is closed. */
export interface Crew extends AsyncDisposable {
  /** Process ids of the workers; this process's own where they run in it. */
  readonly pids: readonly number[]
}

/** Starts a worker for each service. */
export async function startCrew(place: CrewPlace): Promise<Crew> {
  return place.url === undefined ? await startHere(place) : await startProcesses(place, place.url)
}

async function startHere({ saga: { dispatch }, database }: CrewPlace): Promise<Crew> {
  const workers = services.map((service) => workerOf(service, { dispatch, database }))
  await Promise.all(workers.map((worker) => worker.start()))
  return {
    pids: workers.map(() => process.pid),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker.close()))
    },
  }
}

async function startProcesses({ database: { schema } }: CrewPlace, url: string): Promise<Crew> {
  const env = { ...process.env, DATABASE_URL: url, STEPTRAIL_SCHEMA: schema }
  const children = services.map((service) => ({
    service,
    child: fork(new URL('./worker-program.ts', import.meta.url), [service], {
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  }))
  const crew: Crew = {
    pids: children.flatMap(({ child: { pid } }) => pid ?? []),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map(({ child }) => ended(child)))
    },
  }
  try {
    await Promise.all(children.map(({ service, child }) => started(service, child)))
    return crew
  } catch (error) {
    await crew[Symbol.asyncDispose]()
    throw error
  }
}

async function started(service: Service, child: ChildProcess): Promise<void> {
  const gone = new AbortController()
  child.once('exit', (code, signal) =>
    gone.abort(new Error(`the worker of ${service} did not start: it ended with ${signal ?? code}`)),
  )
  try {
    await once(child, 'message', { signal: gone.signal })
  } catch (error) {
    throw gone.signal.aborted ? gone.signal.reason : error
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  if (child.connected) child.disconnect()
  await exit
}
