import { setTimeout as wait } from 'node:timers/promises'
import { type Program, startProgram } from '@steptrail/testkit'
import { services } from './crash-workflows.ts'

/** Where a fleet works, and what it is asked. */
export interface FleetOptions {
  readonly url: () => string
  readonly leaseMs: number
  /** The port of a server, one ship more, through which the workers are to work; undefined: on the database. */
  readonly serverPort: number | undefined
  /** Hears of every result that a process is about to report, as JSON. */
  readonly onResult: (result: string) => void
}

interface Ship {
  readonly index: number
  program: Program
  /** Whether its end has been asked for. */
  isDoomed: boolean
  isFrozen: boolean
}

const worker = new URL('./crash-process.ts', import.meta.url)
const server = new URL('./crash-server.ts', import.meta.url)
/** Two processes of each service; of each two, one is an hour ahead or behind by its own clock. */
const shiftsMs = [0, 0, 3_600_000, -3_600_000]

/** The worker processes of the crash suite, and their server if they have one. Whatever ends is started again, until `end`. */
export class Fleet {
  /** What processes that nobody asked to end said at their end. */
  readonly wrecks: string[] = []
  readonly #options: FleetOptions
  readonly #ships: readonly Ship[]
  #isOver = false

  constructor(options: FleetOptions) {
    this.#options = options
    const ships = options.serverPort === undefined ? shiftsMs.length : shiftsMs.length + 1
    this.#ships = Array.from({ length: ships }, (_, index) => ({
      index,
      program: this.#launch(index),
      isDoomed: false,
      isFrozen: false,
    }))
    for (const ship of this.#ships) void this.#keep(ship)
  }

  get size(): number {
    return this.#ships.length
  }

  /** Sends a signal to one of them that ends it. */
  sink(which: number, signal: 'SIGKILL' | 'SIGTERM'): void {
    const ship = this.#shipAt(which)
    if (ship.isFrozen) return
    ship.isDoomed = true
    void ship.program.signal(signal)
  }

  /** Stops one of them for so long, then lets it go on as if nothing had been. */
  async freeze(which: number, durationMs: number): Promise<void> {
    const ship = this.#shipAt(which)
    if (ship.isFrozen) return
    ship.isFrozen = true
    void ship.program.signal('SIGSTOP')
    await wait(durationMs)
    void ship.program.signal('SIGCONT')
    ship.isFrozen = false
  }

  /** Ends all of them with SIGKILL. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#ships.map((ship) => ship.program.kill()))
  }

  #shipAt(which: number): Ship {
    const ship = this.#ships[which % this.#ships.length]
    if (!ship) throw new Error('there is no fleet')
    return ship
  }

  async #keep(ship: Ship): Promise<void> {
    while (!this.#isOver) {
      await this.#listen(ship)
      const { code, signal, stdout, stderr } = await ship.program.ended
      const wasAtWork = stdout.includes('ready\n')
      if (!this.#isOver && !ship.isDoomed && wasAtWork) {
        this.wrecks.push(`process ${ship.index} ended with ${code ?? signal}: ${stderr}`)
      }
      if (this.#isOver) return
      ship.program = this.#launch(ship.index)
      ship.isDoomed = false
    }
  }

  /** Passes on what it says, to its end. */
  async #listen({ program: source }: Ship): Promise<void> {
    try {
      for (;;) this.#options.onResult((await source.line(/^result /)).slice('result '.length))
    } catch {
      // It has ended: there are no more lines.
    }
  }

  /** The server is the last. */
  #launch(index: number): Program {
    const { url, serverPort, leaseMs } = this.#options
    if (index === shiftsMs.length) return startProgram(server, { args: [url(), String(serverPort)] })
    const service = services[index % services.length] ?? services[0]
    const through = serverPort === undefined ? [] : [`http://127.0.0.1:${serverPort}`]
    return startProgram(worker, {
      args: [url(), service, String(leaseMs), ...through],
      env: { CRASH_DATE_SHIFT_MS: String(shiftsMs[index] ?? 0) },
    })
  }
}
