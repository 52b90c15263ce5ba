import { setTimeout } from 'node:timers/promises'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { CopiedRows, createDatabaseSink, type Database } from '@steptrail/core'
import { createEventCatalogue, defaultRedaction, systemClock } from '@steptrail/event'
import type { Sink } from '@steptrail/recorder'
import { ensureStream } from '../stream/ensure-stream.ts'
import { NatsLink, type OpenLink } from '../stream/nats-link.ts'
import { placesOf, type StreamPlaces } from '../stream/stream-places.ts'
import { Inbox } from './inbox.ts'
import type { IngesterCounts, IngesterOptions, IngesterState } from './ingester-options.ts'
import { pullMessages } from './pull-messages.ts'
import { giveBack, type Reading, receive, type Received } from './received.ts'
import { settle } from './settle.ts'
import { Troubles } from './troubles.ts'

const longestWaitMs = 2_000

/**
 * Takes events from a stream into a database: pulls them, writes them in batches, and acknowledges what is committed. Any
 * number of ingesters share the work, and what one of them leaves another gets after `ackWaitMs`. What comes twice is on
 * record once; what can never be on record is a dead letter, and holds up nothing. Whatever is away is tried again until
 * it is back.
 *
 * `ingesting ⇄ in trouble → closed`
 */
export class Ingester implements AsyncDisposable {
  readonly #link: NatsLink
  readonly #places: StreamPlaces
  readonly #options: IngesterOptions
  readonly #sink: Sink
  readonly #reading: Reading
  readonly #inbox: Inbox<Received>
  readonly #troubles: Troubles
  readonly #closing = new AbortController()
  readonly #counts = { created: 0, duplicate: 0, conflict: 0, rejected: 0 }
  readonly #ended: Promise<void>
  #isClosed = false

  /** Begins at once. Throws `invalid_configuration` for servers or a stream that cannot be meant. */
  constructor(database: Database, options: IngesterOptions) {
    this.#options = options
    this.#link = new NatsLink(options)
    this.#places = placesOf(options.stream)
    this.#sink = createDatabaseSink(database, { batches: 'in line' })
    const application = {
      clock: systemClock,
      catalogue: options.catalogue ?? createEventCatalogue({ unregistered: 'flag' }),
      redaction: options.redaction ?? defaultRedaction,
    }
    const engine = { ...application, engine: true }
    this.#reading = { places: this.#places, application, engine, rows: new CopiedRows() }
    this.#inbox = new Inbox(this.#batchEvents)
    this.#troubles = new Troubles(options.onTrouble)
    this.#ended = this.#run()
  }

  get state(): IngesterState {
    if (this.#isClosed) return 'closed'
    return this.#troubles.current === null ? 'ingesting' : 'in trouble'
  }

  /** What does not work at the moment; null when everything does. */
  get trouble(): unknown {
    return this.#troubles.current
  }

  /** What it has settled since it began. */
  get counts(): IngesterCounts {
    return { ...this.#counts }
  }

  /** How many messages wait in the stream, those among them that ingesters have; throws when no node tells. */
  async waiting(): Promise<number> {
    const { manager } = await this.#link.open()
    const { stream, consumer } = this.#places
    const { num_pending: pending, num_ack_pending: taken } = await manager.consumers.info(stream, consumer)
    return pending + taken
  }

  /** Ends after the writes under way; what it has and has not written goes back to the stream. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #batchEvents(): number {
    return this.#options.batchEvents ?? 4_000
  }

  async #run(): Promise<void> {
    const writers = Array.from({ length: this.#options.writesInFlight ?? 2 }, () => this.#writeBatches())
    await Promise.all([this.#readMessages(), ...writers])
    const left = this.#inbox.drain()
    if (left.length > 0) giveBack(left, (await this.#link.open()).connection)
    await this.#link.close()
    this.#isClosed = true
  }

  /** Until it is closed; whatever ends a pull, the next one begins with looking whether everything is there. */
  async #readMessages(): Promise<void> {
    await this.#again('stream', async () => {
      const { connection } = await this.#readyLink()
      this.#troubles.over('stream')
      const ending = new AbortController()
      const signal = AbortSignal.any([this.#closing.signal, ending.signal])
      try {
        await Promise.all(Array.from({ length: 2 }, () => this.#pull(connection, signal)))
      } finally {
        ending.abort()
      }
    })
  }

  async #readyLink(): Promise<OpenLink> {
    const link = await this.#link.open()
    await ensureStream(link, this.#places, { ...this.#options, ackWaitMs: this.#options.ackWaitMs ?? 30_000 })
    return link
  }

  /** A pull fails when a node dies under it: "heartbeats missed". */
  async #pull(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    const take = (message: Msg): void => this.#inbox.add(receive(message, this.#reading))
    const pull = { connection, places: this.#places, messages: Math.ceil(this.#batchEvents / 2), signal }
    while (!signal.aborted) {
      await this.#inbox.room(signal)
      await pullMessages(pull, take)
    }
  }

  async #writeBatches(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const received = await this.#inbox.take(this.#batchEvents, this.#options.batchAgeMs ?? 20, signal)
      if (received.length > 0) await this.#writeBatch(received)
    }
  }

  async #writeBatch(received: readonly Received[]): Promise<void> {
    const isSettled = await this.#again('database', async () => {
      const link = await this.#link.open()
      const counts = await settle(received, {
        sink: this.#sink,
        places: this.#places,
        link,
        signal: this.#closing.signal,
      })
      for (const outcome of outcomes) this.#counts[outcome] += counts[outcome]
      this.#troubles.over('database')
    })
    if (!isSettled) giveBack(received, (await this.#link.open()).connection)
  }

  /** Does something until it succeeds, with growing waits. False when it is closed before. */
  async #again(part: 'stream' | 'database', work: () => Promise<void>): Promise<boolean> {
    const { signal } = this.#closing
    for (let failures = 1; !signal.aborted; failures += 1)
      try {
        await work()
        return true
      } catch (error) {
        if (signal.aborted) return false
        this.#troubles.began(part, error)
        await pause(Math.min(longestWaitMs, 50 * 2 ** failures), signal)
      }
    return false
  }
}

const outcomes = ['created', 'duplicate', 'conflict', 'rejected'] as const

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
