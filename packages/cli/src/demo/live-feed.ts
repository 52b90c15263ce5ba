import { type Database, feedCursor, follow } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'

const lastEventTypes: ReadonlySet<string> = new Set([
  'ORCHESTRATION_COMPLETED',
  'ORCHESTRATION_CANCELLED',
  'ROLLBACK_COMPLETED',
  'ROLLBACK_FAILED',
])

/** Reads the feed from now on and hands over each event as it is committed. `open → closed` */
export class LiveFeed {
  readonly #closing = new AbortController()
  readonly #ended = new Set<string>()
  #changed = Promise.withResolvers<void>()
  readonly #reading: Promise<void>

  private constructor(database: Database, cursor: string, show: (event: AuditEvent) => void) {
    this.#reading = this.#read(database, cursor, show)
    // Whoever waits is told of a failure by `shownToItsEnd` or `close`, one of which comes later.
    this.#reading.catch((error: unknown) => this.#changed.reject(error))
    this.#changed.promise.catch(() => undefined)
  }

  static async open(database: Database, show: (event: AuditEvent) => void): Promise<LiveFeed> {
    return new LiveFeed(database, await feedCursor(database, 'now'), show)
  }

  /** Resolves when the last event of the execution has been handed over. Throws what the feed ended with. */
  async shownToItsEnd(executionId: string): Promise<void> {
    while (!this.#ended.has(executionId)) await this.#changed.promise
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#reading
  }

  async #read(database: Database, cursor: string, show: (event: AuditEvent) => void): Promise<void> {
    const { signal } = this.#closing
    for await (const { events } of follow(database, { from: cursor, signal, pollIntervalMs: 30 })) {
      for (const event of events) {
        show(event)
        if (event.executionId !== null && lastEventTypes.has(event.eventType))
          this.#ended.add(event.executionId)
      }
      const changed = this.#changed
      this.#changed = Promise.withResolvers()
      changed.resolve()
    }
  }
}
