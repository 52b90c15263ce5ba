import { setTimeout } from 'node:timers/promises'
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import { createDatabaseSink, type Database } from '@steptrail/core'
import {
  createEventCatalogue,
  defaultRedaction,
  type PrepareEnvironment,
  systemClock,
} from '@steptrail/event'
import type { Sink } from '@steptrail/recorder'
import { ensureStream } from '../stream/ensure-stream.ts'
import { NatsLink, type OpenLink } from '../stream/nats-link.ts'
import { placesOf, type StreamPlaces } from '../stream/stream-places.ts'
import { Inbox } from './inbox.ts'
import type { IngesterCounts, IngesterOptions, IngesterState } from './ingester-options.ts'
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
  readonly #environment: PrepareEnvironment
  readonly #inbox: Inbox<JsMsg>
  readonly #troubles: Troubles
  readonly #closing = new AbortController()
  readonly #counts = { created: 0, duplicate: 0, conflict: 0, rejected: 0 }
  readonly #ended: Promise<void>
  #fetching: ConsumerMessages | undefined
  #isClosed = false

  /** Begins at once. Throws `invalid_configuration` for servers or a stream that cannot be meant. */
  constructor(database: Database, options: IngesterOptions) {
    this.#options = options
    this.#link = new NatsLink(options)
    this.#places = placesOf(options.stream)
    this.#sink = createDatabaseSink(database)
    this.#environment = {
      clock: systemClock,
      catalogue: options.catalogue ?? createEventCatalogue({ unregistered: 'flag' }),
      redaction: options.redaction ?? defaultRedaction,
    }
    this.#inbox = new Inbox(2 * this.#batchEvents)
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
    this.#fetching?.stop()
    await this.#ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #batchEvents(): number {
    return this.#options.batchEvents ?? 2_000
  }

  async #run(): Promise<void> {
    const writers = Array.from({ length: this.#options.writesInFlight ?? 3 }, () => this.#writeBatches())
    await Promise.all([this.#readMessages(), ...writers])
    for (const message of this.#inbox.drain()) message.nak()
    await this.#link.close()
    this.#isClosed = true
  }

  /** Until it is closed; whatever ends a fetch, the next one begins with looking whether everything is there. */
  async #readMessages(): Promise<void> {
    await this.#again('stream', async () => {
      const { consumers } = (await this.#readyLink()).client
      const consumer = await consumers.get(this.#places.stream, this.#places.consumer)
      this.#troubles.over('stream')
      while (!this.#closing.signal.aborted) await this.#fetch(consumer)
    })
  }

  async #readyLink(): Promise<OpenLink> {
    const link = await this.#link.open()
    await ensureStream(link, this.#places, { ...this.#options, ackWaitMs: this.#options.ackWaitMs ?? 30_000 })
    return link
  }

  /** A fetch throws when a node dies under it: "heartbeats missed". */
  async #fetch(consumer: Consumer): Promise<void> {
    await this.#inbox.room(this.#closing.signal)
    if (this.#closing.signal.aborted) return
    const messages = await consumer.fetch({
      max_messages: this.#batchEvents,
      expires: 5_000,
      idle_heartbeat: 1_000,
    })
    this.#fetching = messages
    for await (const message of messages) this.#inbox.add(message)
    this.#fetching = undefined
  }

  async #writeBatches(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const messages = await this.#inbox.take(this.#batchEvents, this.#options.batchAgeMs ?? 20, signal)
      if (messages.length > 0) await this.#writeBatch(messages)
    }
  }

  async #writeBatch(messages: readonly JsMsg[]): Promise<void> {
    const isSettled = await this.#again('database', async () => {
      const link = await this.#link.open()
      const counts = await settle(messages, {
        sink: this.#sink,
        environment: this.#environment,
        places: this.#places,
        link,
        signal: this.#closing.signal,
      })
      for (const outcome of outcomes) this.#counts[outcome] += counts[outcome]
      this.#troubles.over('database')
    })
    if (!isSettled) for (const message of messages) message.nak()
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
