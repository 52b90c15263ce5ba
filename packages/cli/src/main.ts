import { openChosen } from './open-database.ts'
import { runProgram } from './run-program.ts'

const interrupted = new AbortController()

/** The first time ends the work in order, the second time at once. */
function interrupt(): void {
  if (interrupted.signal.aborted) process.exit(130)
  interrupted.abort(new Error('interrupted'))
}

process.on('SIGINT', interrupt).on('SIGTERM', interrupt)

let endWithoutReader = (): void => process.exit(0)
const whereNobodyReads =
  (end: () => void) =>
  (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error
    end()
  }
process.stdout.on(
  'error',
  whereNobodyReads(() => endWithoutReader()),
)
// What goes on does so without being heard: a server is not to end for it.
process.stderr.on(
  'error',
  whereNobodyReads(() => undefined),
)

const { stdin, stdout, stderr, env } = process
process.exitCode = await runProgram(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  env,
  signal: interrupted.signal,
  onReaderGone: (end) => (endWithoutReader = end),
  openDatabase: openChosen,
})
// What somebody might still write to it keeps no process that has done its work.
stdin.destroy()
