import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { signalIfThere } from './signal-if-there.ts'
import type { SupervisorOrder, SupervisorReport } from './supervise.ts'

/** A server that runs, and does not outlive this process. */
export interface SupervisedServer {
  readonly pid: number
  /** Whether it has not ended. */
  readonly isRunning: () => boolean
  /** Sends a signal; resolves when the server has ended of it. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>
}

/** A server that ended before it was ready, and the last of what it wrote. */
export interface FailedServer {
  readonly log: string
}

const supervisor = fileURLToPath(new URL('./supervise.ts', import.meta.url))

/** Starts a server; resolves when it is ready, or has ended. */
export async function supervised(order: SupervisorOrder): Promise<SupervisedServer | FailedServer> {
  const child = fork(supervisor, [JSON.stringify(order)], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const report = await firstReport(child)
  if (report.kind === 'ended') return { log: report.log }
  let isRunning = true
  child.unref()
  child.channel?.unref()
  child.once('exit', () => {
    isRunning = false
  })
  return {
    pid: report.pid,
    isRunning: () => isRunning,
    end: async (signal) => {
      if (!isRunning) return
      const exited = once(child, 'exit')
      child.ref()
      signalIfThere(report.pid, signal)
      await exited
    },
  }
}

async function firstReport(child: ChildProcess): Promise<SupervisorReport> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => {
      resolve(message as SupervisorReport)
    })
    child.once('error', reject)
    child.once('exit', () => {
      reject(new Error('the supervisor of a server ended without a report'))
    })
  })
}

/** A port of 127.0.0.1 that nobody listens at just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
