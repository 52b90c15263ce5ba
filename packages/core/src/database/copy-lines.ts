import type { ClientSession, SessionSource } from './client-session.ts'
import { withSession } from './client-session.ts'
import type { CopyIn } from './database.ts'

/**
 * COPYs over as few connections as will do, two over each, the second sent while the first is still under way: the
 * server goes from one to the next without a pause. Sessions that write to the same table at once wait for each other at
 * the end of each index, so there are no more of them than keep the server busy while a commit waits for the disk. What
 * is refused of one COPY changes nothing for the one behind it.
 */
export class CopyLines {
  readonly #source: SessionSource
  readonly #stillMs: number
  readonly #lines: CopyLine[] = []

  /** What has stood still for `stillMs` is not joined: the server may be silent, or somebody hold a lock. */
  constructor(source: SessionSource, stillMs = 1000) {
    this.#source = source
    this.#stillMs = stillMs
  }

  /** As `Database.copy`. A COPY that joins others over a connection that breaks fails with them. */
  readonly copy: CopyIn = (statement, input) => this.#lineWithRoom().copy(statement, input)

  #lineWithRoom(): CopyLine {
    const line = this.#lines.find((each) => each.hasRoom(this.#stillMs)) ?? new CopyLine(this.#source)
    if (!this.#lines.includes(line)) this.#lines.push(line)
    return line
  }
}

/** One is under way, and one is there when that ends. What is more is written while the commit of these waits for the disk. */
const mostInLine = 2

/** Holds a connection as long as there is something under way. */
class CopyLine {
  readonly #source: SessionSource
  #session: Promise<ClientSession> | undefined
  #letGo = (): void => undefined
  #underWay = 0
  #movedAtMs = 0

  constructor(source: SessionSource) {
    this.#source = source
  }

  hasRoom(stillMs: number): boolean {
    if (this.#underWay === 0) return true
    return this.#underWay < mostInLine && performance.now() - this.#movedAtMs < stillMs
  }

  async copy(statement: string, input: Uint8Array): Promise<void> {
    if (this.#underWay === 0) this.#movedAtMs = performance.now()
    this.#underWay += 1
    try {
      const session = await (this.#session ??= this.#take())
      await session.copyAhead(statement, input)
    } finally {
      this.#movedAtMs = performance.now()
      this.#underWay -= 1
      if (this.#underWay === 0) {
        this.#session = undefined
        this.#letGo()
      }
    }
  }

  #take(): Promise<ClientSession> {
    return new Promise((resolve, reject) => {
      withSession(this.#source, (session) => {
        const { promise, resolve: letGo } = Promise.withResolvers<void>()
        this.#letGo = letGo
        resolve(session)
        return promise
      }).catch(reject)
    })
  }
}
