import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

/**
 * The program between a test process and a server of its own. It reports over IPC when the server is ready and when it
 * has ended. When the test process dies, however hard, the channel closes: then the server is stopped at once and its
 * directory removed, so that nothing is left behind.
 */

/** What the supervisor is told to run, as JSON in its only argument. */
export interface SupervisorOrder {
  /** Removed with all its contents when the test process is gone. */
  readonly directory: string
  readonly program: string
  readonly args: readonly string[]
  /** A regular expression that what the server writes matches once it is ready. */
  readonly readyWhen: string
  /** What stops it at once, its own processes among it. */
  readonly stopSignal: NodeJS.Signals
  readonly uid?: number
  readonly gid?: number
}

/** What the supervisor reports; `log` is the last of what the server wrote. */
export type SupervisorReport =
  { readonly kind: 'ready'; readonly pid: number } | { readonly kind: 'ended'; readonly log: string }

const logLimit = 8_000

function supervise(order: SupervisorOrder): void {
  const { program, args, directory, readyWhen, stopSignal, ...owner } = order
  const isReady = new RegExp(readyWhen)
  const server = spawn(program, args, {
    ...owner,
    cwd: directory,
    env: { LC_ALL: 'C', PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  let ready = false
  let orphaned = false
  const wrote = (text: string): void => {
    log = (log + text).slice(-logLimit)
    if (ready || !isReady.test(log)) return
    ready = true
    report({ kind: 'ready', pid: server.pid ?? 0 })
  }
  server.stdout.setEncoding('utf8').on('data', wrote)
  server.stderr.setEncoding('utf8').on('data', wrote)
  server.on('error', (error) => {
    log += error.message
  })
  server.on('close', () => {
    if (orphaned) rmSync(directory, { recursive: true, force: true })
    else report({ kind: 'ended', log })
    if (process.connected) process.disconnect()
  })
  process.on('disconnect', () => {
    orphaned = server.exitCode === null && server.signalCode === null
    server.kill(stopSignal)
  })
}

function report(message: SupervisorReport): void {
  if (process.connected) process.send?.(message)
}

supervise(JSON.parse(process.argv[2] ?? '') as SupervisorOrder)
