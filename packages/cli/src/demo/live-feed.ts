import { type Database, feedCursor, follow, listEvents } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'

/** Reads the feed from now on and hands over each event as it is committed. `open → closed` */
export class LiveFeed {
  readonly #database: Database
  readonly #closing = new AbortController()
  readonly #reading: Promise<void>
  /** By execution: the number of the last event that was handed over. */
  readonly #shown = new Map<string, number>()
  #changed = Promise.withResolvers<void>()

  private constructor(database: Database, cursor: string, show: (event: AuditEvent) => void) {
    this.#database = database
    this.#reading = this.#read(cursor, show)
  }

  static async open(database: Database, show: (event: AuditEvent) => void): Promise<LiveFeed> {
    return new LiveFeed(database, await feedCursor(database, 'now'), show)
  }

  /** Resolves when every event that the execution has now was handed over. Throws what the feed ended with. */
  async caughtUpWith(executionId: string): Promise<void> {
    const { items } = await listEvents(this.#database, { executionId, order: 'desc', limit: 1 })
    const last = items[0]?.executionSeq ?? 0
    while ((this.#shown.get(executionId) ?? 0) < last)
      await Promise.race([this.#changed.promise, this.#reading])
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#reading
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #read(cursor: string, show: (event: AuditEvent) => void): Promise<void> {
    const { signal } = this.#closing
    for await (const { events } of follow(this.#database, { from: cursor, signal, pollIntervalMs: 30 })) {
      for (const event of events) {
        show(event)
        if (event.executionId !== null && event.executionSeq !== null)
          this.#shown.set(event.executionId, event.executionSeq)
      }
      this.#changed.resolve()
      this.#changed = Promise.withResolvers()
    }
  }
}
