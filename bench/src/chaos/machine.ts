import { setTimeout as wait } from 'node:timers/promises'
import { type Link, Program, type ProgramOptions } from '@steptrail/testkit'

/** What a machine needs to know of the network: the ways on which it reaches everything else. */
export interface Ways {
  readonly database: Link
  readonly nodes: readonly Link[]
}

/** How the program of a machine is started, given its ways. */
export type Launch = (ways: Ways) => { readonly file: URL } & ProgramOptions

/**
 * One process of a fleet with ways of its own, that can be killed, stopped and cut off. It begins again when it ends, and
 * says something on stdout when it is at work.
 */
export class Machine implements AsyncDisposable {
  readonly name: string
  readonly ways: Ways
  readonly #launch: Launch
  readonly #keeping: Promise<void>
  #program: Program
  #isOver = false
  #hasExited = false
  /** What it said at ends that nobody asked for. */
  readonly wrecks: string[] = []
  #isDoomed = false

  constructor(name: string, ways: Ways, launch: Launch) {
    this.name = name
    this.ways = ways
    this.#launch = launch
    this.#program = this.#begin()
    this.#keeping = this.#keep()
  }

  /** Kills it once it is at work, with whatever it has started. */
  async kill(): Promise<void> {
    const program = await this.#atWork()
    this.#isDoomed = true
    program.killGroup()
    await program.exited
  }

  /** Stops it for so long once it is at work, without a word to anybody. */
  async suspend(durationMs: number): Promise<void> {
    const program = await this.#atWork()
    void program.signal('SIGSTOP')
    await wait(durationMs)
    void program.signal('SIGCONT')
  }

  /** Cuts it off from everything for so long. */
  async cutOff(durationMs: number): Promise<void> {
    const links = [this.ways.database, ...this.ways.nodes]
    for (const link of links) link.cut()
    await wait(durationMs)
    for (const link of links) link.mend()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#program.killGroup()
    await this.#keeping
    await Promise.all([this.ways.database, ...this.ways.nodes].map((link) => link.close()))
  }

  /** Of a program that has just ended there is nothing to kill or stop, nor of one that has not begun. */
  async #atWork(): Promise<Program> {
    while (this.#hasExited || this.#program.stdout === '') await wait(20)
    return this.#program
  }

  #begin(): Program {
    const { file, ...options } = this.#launch(this.ways)
    const program = new Program(file, options)
    this.#hasExited = false
    void program.exited.then(() => (this.#hasExited = true))
    return program
  }

  async #keep(): Promise<void> {
    for (;;) {
      const { code, signal, stdout, stderr } = await this.#program.ended
      if (this.#isOver) return
      // One that cannot even begin, since the database is away, is begun again until it can.
      const wasAtWork = stdout !== ''
      if (!this.#isDoomed && wasAtWork)
        this.wrecks.push(`${this.name} ended with ${code ?? signal}: ${stderr.slice(-2_000)}`)
      this.#isDoomed = false
      await wait(100)
      this.#program = this.#begin()
    }
  }
}
