import type { Database } from '@steptrail/core'
import { openChosen } from '../src/open-database.ts'
import { runProgram } from '../src/run-program.ts'
import type { Surroundings } from '../src/surroundings.ts'
import type { Environment } from '../src/terminal/terminal.ts'

/** How a run of the program ended, and what it wrote. */
export interface RunResult {
  readonly code: number
  /** Bytes that are no text, a character each. */
  readonly stdout: string
  readonly stderr: string
}

/** What the program is given instead of the process's own. */
export interface RunOptions {
  /** Is used instead of whatever the flags say, and stays open. */
  readonly database?: Database
  readonly env?: Environment
  readonly stdin?: string | Buffer
  readonly columns?: number
  readonly signal?: AbortSignal
  /** Told of each text written to standard output. */
  readonly onOutput?: (text: string) => void
  /** A terminal in place of standard error, of which the result has nothing then. */
  readonly terminal?: Surroundings['stderr']
  /** Standard output is a terminal. */
  readonly isTTY?: boolean
}

/** Runs the program in this process. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const {
    database,
    env = { LANG: 'en_GB.UTF-8' },
    stdin = '',
    columns = 140,
    signal,
    onOutput,
    terminal,
    isTTY,
  } = options
  let stdout = ''
  let stderr = ''
  const surroundings: Surroundings = {
    stdin: (async function* () {
      yield stdin
    })(),
    stdout: {
      columns,
      isTTY,
      write: (chunk) => {
        const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1')
        stdout += text
        onOutput?.(text)
      },
    },
    stderr: terminal ?? { columns, write: (text) => (stderr += text) },
    env,
    signal: signal ?? new AbortController().signal,
    openDatabase: database ? async () => keptOpen(database) : openChosen,
  }
  const code = await runProgram(args, surroundings)
  return { code, stdout, stderr }
}

/** The same database, whose `close` does nothing. */
const keptOpen = (database: Database): Database =>
  new Proxy(database, {
    get: (target, key) => {
      if (key === 'close') return async () => undefined
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
