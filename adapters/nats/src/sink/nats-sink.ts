import { createHash } from 'node:crypto'
import { JetStreamApiError, type JetStreamClient } from '@nats-io/jetstream'
import { type OutgoingEvent, sentEvent, type Sink, type SinkOutcome } from '@steptrail/recorder'
import { messageOf, NatsLink, unreachable } from '../stream/nats-link.ts'
import type { NatsOptions } from '../stream/nats-options.ts'
import { placesOf } from '../stream/stream-places.ts'

/** Where a sink publishes. */
export interface NatsSinkOptions extends NatsOptions {
  /**
   * Who publishes: an `application`, or an `engine`, whose events are of executions and steps as well. Each has a
   * subject of its own, so that NATS can say who may publish which. Default: `application`.
   */
  readonly publisher?: 'application' | 'engine' | undefined
  /** How long the stream has to take a message, in milliseconds. Default 5,000. */
  readonly publishTimeoutMs?: number | undefined
}

/**
 * The sink that publishes to JetStream. `created` means that the stream has the event, on as many nodes as it has
 * replicas, and holds it until it is in the database; `Nats-Msg-Id` is the id, by which the stream knows what comes
 * twice within its window. Whether what comes twice is the same is for the database to say: it goes there under an id
 * that names its content.
 *
 * Throws `stream_unreachable` when a message was not taken; then the recorder tries again, or spools.
 */
export function createNatsSink(options: NatsSinkOptions): Sink & AsyncDisposable {
  const { stream, publisher = 'application', publishTimeoutMs = 5_000 } = options
  const { events, engine } = placesOf(stream)
  const subject = publisher === 'engine' ? engine : events
  return new NatsSink(new NatsLink(options), { subject, timeoutMs: publishTimeoutMs })
}

const created = { outcome: 'created' } as const
const duplicate = { outcome: 'duplicate' } as const

/** For the headers, and the protocol around them. */
const headerBytes = 1_024

/** The stream takes no message of this size, whatever the node says. */
const tooLargeForStream = 10054

const encoder = new TextEncoder()

interface Publishing {
  readonly subject: string
  readonly timeoutMs: number
}

class NatsSink implements Sink, AsyncDisposable {
  readonly #link: NatsLink
  readonly #publishing: Publishing
  /** Of batches that were taken in part: what comes again of them is not published again. */
  readonly #taken = new WeakSet<OutgoingEvent>()

  constructor(link: NatsLink, publishing: Publishing) {
    this.#link = link
    this.#publishing = publishing
  }

  async write(batch: readonly OutgoingEvent[]): Promise<readonly SinkOutcome[]> {
    const { client, connection } = await this.#link.open()
    const mostBytes = (connection.info?.max_payload ?? 1_048_576) - headerBytes
    const results = await Promise.allSettled(batch.map((event) => this.#put(event, client, mostBytes)))
    const failed = results.find((result) => result.status === 'rejected')
    if (!failed) return results.map((result) => (result as PromiseFulfilledResult<SinkOutcome>).value)
    results.forEach((result, index) => {
      if (result.status === 'fulfilled') this.#taken.add(batch[index] as OutgoingEvent)
    })
    const taken = results.filter(({ status }) => status === 'fulfilled').length
    throw unreachable(
      `the stream took ${taken} of ${batch.length} events at ${this.#publishing.subject}: ${messageOf(failed.reason)}`,
      failed.reason,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link.close()
  }

  async #put(event: OutgoingEvent, client: JetStreamClient, mostBytes: number): Promise<SinkOutcome> {
    if (this.#taken.has(event)) return created
    const text = sentEvent(event)
    const data = encoder.encode(text)
    if (data.length > mostBytes) return tooLarge(data.length, mostBytes)
    try {
      const { duplicate: isKnown } = await this.#publish(client, data, event.id)
      if (!isKnown) return created
      await this.#publish(client, data, `${event.id}/${createHash('sha256').update(text).digest('hex')}`)
      return duplicate
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === tooLargeForStream)
        return { outcome: 'rejected', reason: `the stream refuses ${data.length} bytes: ${error.message}` }
      throw error
    }
  }

  #publish(client: JetStreamClient, data: Uint8Array, msgID: string) {
    const { subject, timeoutMs } = this.#publishing
    return client.publish(subject, data, { msgID, timeout: timeoutMs })
  }
}

const tooLarge = (bytes: number, most: number): SinkOutcome => ({
  outcome: 'rejected',
  reason: `the event has ${bytes} bytes, and the nodes take ${most}: raise their max_payload, or record less`,
})
