import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDirectory } from '../cache-directory.ts'
import { releaseAfterTest } from '../release.ts'
import { signalIfThere } from '../supervision/signal-if-there.ts'
import { shortLived } from './short-lived.ts'

/** How a program is run. */
export interface ProgramOptions {
  readonly args?: readonly string[]
  /** What Node itself is given. */
  readonly nodeFlags?: readonly string[]
  /** Variables over those of the test; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Working directory; the test's unless given. */
  readonly cwd?: string
}

/** How a program ended: one of the two is null. */
export interface ProgramExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** How a program ended, and all that it wrote. */
export interface ProgramResult extends ProgramExit {
  readonly stdout: string
  readonly stderr: string
}

/**
 * Starts a TypeScript (or JavaScript) file in a process of its own, with this process's Node and the workspaces resolved
 * to their source. It is killed when the test ends, and whatever it started with it. It does not inherit the variables
 * that configure Steptrail (`DATABASE_URL`, `STEPTRAIL_…`) or Node.
 */
export function startProgram(file: URL, options: ProgramOptions = {}): Program {
  const program = new Program(file, options)
  releaseAfterTest(async () => void (await program.kill()))
  return program
}

/** Runs a file as {@link startProgram} does, with nothing on its stdin, to its end. */
export async function runProgram(file: URL, options: ProgramOptions = {}): Promise<ProgramResult> {
  const program = startProgram(file, options)
  program.stdin.end()
  return program.ended
}

/** A program that a test has started. */
export class Program {
  /** Resolves when the program has exited; more of its output may come. */
  readonly exited: Promise<ProgramExit>
  /** Resolves when the program has exited and all output is here, also that of programs which write to its stdout. */
  readonly ended: Promise<ProgramResult>
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #unseen: string[] = []
  #stdout = ''
  #stderr = ''
  #wake = Promise.withResolvers<void>()
  #hasEnded = false

  constructor(file: URL, options: ProgramOptions) {
    const { args = [], nodeFlags = [], env = {}, cwd } = options
    this.#child = spawn(
      process.execPath,
      [
        '--conditions=steptrail:source',
        keepCompiled,
        ...shortLived,
        ...nodeFlags,
        fileURLToPath(file),
        ...args,
      ],
      {
        cwd,
        env: { ...inheritedVariables(), ...compileCache, ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
        // A process group of its own, so that kill reaches whatever the program has started.
        detached: true,
      },
    )
    this.#child.stdin.on('error', () => undefined)
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text))
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#unseen.push(line)
      this.#wakeUp()
    })
    this.exited = this.#exit()
    this.ended = this.#end()
    endWithThisProcess(this)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get stdin(): Writable {
    return this.#child.stdin
  }

  /** What it wrote to stdout so far. */
  get stdout(): string {
    return this.#stdout
  }

  /** Reads nothing more: what the program writes to stdout from now on fails, as where its reader has ended. */
  closeStdout(): void {
    this.#child.stdout.destroy()
  }

  /** What it wrote to stderr so far. */
  get stderr(): string {
    return this.#stderr
  }

  /**
   * The next line on stdout that `matches`; the lines before it are passed over, and a second call looks behind it.
   *
   * @throws Error with all output when the program ends before.
   */
  async line(matches: string | RegExp): Promise<string> {
    for (;;) {
      for (let line = this.#unseen.shift(); line !== undefined; line = this.#unseen.shift()) {
        if (typeof matches === 'string' ? line.includes(matches) : matches.test(line)) return line
      }
      if (this.#hasEnded) {
        throw new Error(`the program ended before a line with ${matches}:\n${this.#stdout}${this.#stderr}`)
      }
      await this.#wake.promise
    }
  }

  /** Sends a signal to the program alone; resolves when it has exited. */
  async signal(signal: NodeJS.Signals): Promise<ProgramExit> {
    this.#child.kill(signal)
    return this.exited
  }

  /** Ends the program with SIGKILL, and whatever it started with it. */
  async kill(): Promise<ProgramResult> {
    this.killGroup()
    return this.ended
  }

  /** {@link kill} without waiting, for when this process is about to exit. */
  killGroup(): void {
    if (this.#child.pid !== undefined) signalIfThere(-this.#child.pid, 'SIGKILL')
  }

  #wakeUp(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  async #exit(): Promise<ProgramExit> {
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null]
    return { code, signal }
  }

  async #end(): Promise<ProgramResult> {
    const [code, signal] = (await once(this.#child, 'close')) as [number | null, NodeJS.Signals | null]
    this.#hasEnded = true
    this.#wakeUp()
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr }
  }
}

const running = new Set<Program>()

function endWithThisProcess(program: Program): void {
  if (running.size === 0) process.once('exit', killRunning)
  running.add(program)
  void program.ended.finally(() => {
    running.delete(program)
    if (running.size === 0) process.off('exit', killRunning)
  })
}

/** What Node has compiled once it need not compile for each program: to start one cold takes twice as long. */
const compileCache = { NODE_COMPILE_CACHE: join(cacheDirectory, 'compiled') }
const keepCompiled = `--import=${new URL('keep-compiled.ts', import.meta.url).href}`

function killRunning(): void {
  for (const program of running) program.killGroup()
}

function inheritedVariables(): NodeJS.ProcessEnv {
  const isInherited = (name: string): boolean =>
    !/^(DATABASE_URL$|NATS_URL$|STEPTRAIL_|PG[A-Z]|NODE_|VITEST|FORCE_COLOR$|NO_COLOR$)/.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isInherited(name)))
}
