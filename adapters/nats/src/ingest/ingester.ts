import { setTimeout } from 'node:timers/promises'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { CopiedRows, createDatabaseSink, type Database } from '@steptrail/core'
import { createEventCatalogue, defaultRedaction, systemClock } from '@steptrail/event'
import type { Sink } from '@steptrail/recorder'
import { ensureStream, whenMade } from '../stream/ensure-stream.ts'
import { NatsLink, type OpenLink } from '../stream/nats-link.ts'
import { natsTrouble } from '../stream/nats-trouble.ts'
import { placesOf, type StreamPlaces } from '../stream/stream-places.ts'
import { Burials, type DeadMessage } from './burials.ts'
import { Inbox } from './inbox.ts'
import type { IngesterCounts, IngesterOptions, IngesterState } from './ingester-options.ts'
import { nextMessages, pullMessages } from './pull-messages.ts'
import { acknowledge, giveBack, type Reading, receive, type Received } from './received.ts'
import { settle } from './settle.ts'
import { type TroubledPart, Troubles } from './troubles.ts'

const longestWaitMs = 2_000

/** From where messages are pulled, and until when. */
interface PullFrom extends Pick<Received, 'streamMade'> {
  readonly connection: NatsConnection
  readonly signal: AbortSignal
}

/**
 * Takes events from a stream into a database: pulls them, writes them in batches, and acknowledges what is committed. Any
 * number of ingesters share the work, and what one of them leaves another gets after `ackWaitMs`. What comes twice is on
 * record once; what can never be on record is a dead letter, and holds up nothing. Whatever is away is tried again until
 * it is back.
 *
 * `ingesting ⇄ in trouble → closed`
 */
export class Ingester implements AsyncDisposable {
  readonly #database: Database
  readonly #link: NatsLink
  readonly #places: StreamPlaces
  readonly #options: IngesterOptions
  readonly #sink: Sink
  readonly #reading: Reading
  readonly #inbox: Inbox<Received>
  readonly #burials = new Burials()
  readonly #troubles: Troubles
  readonly #closing = new AbortController()
  readonly #counts = { created: 0, duplicate: 0, conflict: 0, rejected: 0 }
  readonly #ended: Promise<void>
  #burying: Promise<void> | undefined
  #isClosed = false

  /** Begins at once. Throws `invalid_configuration` for servers or a stream that cannot be meant. */
  constructor(database: Database, options: IngesterOptions) {
    this.#database = database
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
    await this.#burying
    giveBack([...this.#inbox.drain(), ...this.#burials.drain()], this.#link.connection)
    await this.#link.close()
    this.#isClosed = true
  }

  /** Until it is closed; whatever ends a pull, the next one begins with looking whether everything is there. */
  async #readMessages(): Promise<void> {
    let trail = ''
    const isKnown = await this.#again('database', async () => {
      trail = await trailOf(this.#database)
      this.#troubles.over('database')
    })
    // A consumer that is made for a trail without a name would be refused to all others.
    if (!isKnown || this.#closing.signal.aborted) return
    await this.#again('stream', async () => {
      const { connection, streamMade } = await this.#readyLink(trail)
      const ending = new AbortController()
      const signal = AbortSignal.any([this.#closing.signal, ending.signal])
      try {
        await Promise.all(Array.from({ length: 2 }, () => this.#pull({ connection, streamMade, signal })))
      } finally {
        ending.abort()
      }
    })
  }

  async #readyLink(trail: string): Promise<OpenLink & Pick<Received, 'streamMade'>> {
    const link = await this.#link.open()
    const { ackWaitMs = 30_000 } = this.#options
    const streamMade = await ensureStream(link, this.#places, { ...this.#options, ackWaitMs, trail })
    return { ...link, streamMade }
  }

  /** A pull fails when a node dies under it: "heartbeats missed". */
  async #pull({ connection, streamMade, signal }: PullFrom): Promise<void> {
    const reading = { ...this.#reading, streamMade }
    const take = (message: Msg): void => this.#inbox.add(receive(message, reading))
    const answered = (): void => this.#troubles.over('stream')
    const messages = Math.ceil(this.#batchEvents / 2)
    const pull = { connection, places: this.#places, messages, signal, answered }
    while (!signal.aborted) {
      await this.#inbox.room(signal)
      this.#requirePermission()
      await pullMessages(pull, take)
    }
  }

  /** What cannot be acknowledged comes again, and again: it is not asked for. */
  #requirePermission(): void {
    const refusal = this.#link.refusal('$JS.ACK.') ?? this.#link.refusal(nextMessages)
    if (refusal) throw refusal
  }

  async #writeBatches(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const received = await this.#inbox.take(this.#batchEvents, this.#options.batchAgeMs ?? 20, signal)
      if (received.length > 0) await this.#writeBatch(received)
    }
  }

  async #writeBatch(received: readonly Received[]): Promise<void> {
    let onRecord: readonly Received[] = []
    const isSettled = await this.#again('database', async () => {
      const { signal } = this.#closing
      const { created, duplicate, dead, ...settled } = await settle(received, { sink: this.#sink, signal })
      onRecord = settled.onRecord
      this.#counts.created += created
      this.#counts.duplicate += duplicate
      this.#troubles.over('database')
      this.#bury(dead)
    })
    if (!isSettled) return giveBack(received, this.#link.connection)
    if (onRecord.length > 0) await this.#again('stream', () => this.#acknowledge(onRecord))
  }

  /**
   * A stream that was made anew meanwhile gives the same numbers to other messages, which the acknowledgements of those
   * before would take out of it.
   */
  async #acknowledge(onRecord: readonly Received[]): Promise<void> {
    const { connection, manager } = await this.#link.open()
    const made = await whenMade(manager, this.#places)
    acknowledge(
      onRecord.filter(({ streamMade }) => streamMade === made),
      connection,
    )
  }

  /** Goes on beside the writing until all are buried. */
  #bury(dead: readonly DeadMessage[]): void {
    this.#burials.add(dead)
    if (this.#burials.size === 0 || this.#burying) return
    this.#burying = this.#buryAll().finally(() => {
      this.#burying = undefined
      if (!this.#closing.signal.aborted) this.#bury([])
    })
  }

  async #buryAll(): Promise<void> {
    await this.#again('dead letters', async () => {
      const link = await this.#link.open()
      const { signal } = this.#closing
      await this.#burials.bury({ link, places: this.#places, signal }, ({ outcome }) => {
        this.#counts[outcome] += 1
      })
      this.#troubles.over('dead letters')
    })
  }

  /** Does something until it succeeds, with growing waits, but once at the least. False when it is closed before. */
  async #again(part: TroubledPart, work: () => Promise<void>): Promise<boolean> {
    const { signal } = this.#closing
    for (let failures = 1; failures === 1 || !signal.aborted; failures += 1)
      try {
        await work()
        return true
      } catch (error) {
        if (signal.aborted) return false
        this.#troubles.began(part, part === 'database' ? error : natsTrouble(error))
        await pause(Math.min(longestWaitMs, 50 * 2 ** failures), signal)
      }
    return false
  }
}

/** Names the trail that is in a database; the name goes with it into a dump, and to where it is moved. */
async function trailOf({ query }: Database): Promise<string> {
  const { rows } = await query<{ readonly feed_uuid: string }>('select feed_uuid from feed_identity')
  return rows[0]?.feed_uuid ?? ''
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
