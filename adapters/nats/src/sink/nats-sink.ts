import { createHash } from 'node:crypto'
import { JetStreamApiError } from '@nats-io/jetstream'
import { type OutgoingEvent, sentEvent, type Sink, type SinkOutcome } from '@steptrail/recorder'
import { NatsLink } from '../stream/nats-link.ts'
import type { NatsOptions } from '../stream/nats-options.ts'
import { messageOf, unreachable } from '../stream/nats-trouble.ts'
import { placesOf } from '../stream/stream-places.ts'
import { type Message, type Published, publishMessages, type Publishing } from './publish-messages.ts'

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
  const { publisher = 'application', publishTimeoutMs = 5_000 } = options
  const { stream, events, engine } = placesOf(options.stream)
  const subject = publisher === 'engine' ? engine : events
  const link = new NatsLink(options)
  return new NatsSink(link, { link, stream, subject, timeoutMs: publishTimeoutMs })
}

const created = { outcome: 'created' } as const
const duplicate = { outcome: 'duplicate' } as const

/** More than the header has, with an id that names content. */
const headerBytes = 256

/** The stream takes no message of this size, whatever the node says. */
const tooLargeForStream = 10054

const encoder = new TextEncoder()

/** An event as it is published, and its place in the batch. */
interface Sending {
  readonly place: number
  readonly message: Message
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
    const { connection } = await this.#link.open()
    const mostBytes = Math.max(0, (connection.info?.max_payload ?? 1_048_576) - headerBytes)
    const outcomes: (SinkOutcome | undefined)[] = batch.map(() => undefined)
    const sending = batch.flatMap((event, place): readonly Sending[] => {
      if (this.#taken.has(event)) outcomes[place] = created
      else {
        const data = encoder.encode(sentEvent(event))
        if (data.length <= mostBytes) return [{ place, message: { data, id: event.id } }]
        outcomes[place] = tooLarge(data.length, mostBytes)
      }
      return []
    })
    const errors: Error[] = []
    const known: Sending[] = []
    const settle = (sent: readonly Sending[], published: readonly Published[], taken: SinkOutcome): void => {
      for (const [index, { place, message }] of sent.entries()) {
        const result = published[index] as Published
        if (!('error' in result)) {
          if (taken === created && result.isKnown) known.push({ place, message: underItsContent(message) })
          else outcomes[place] = taken
        } else if (isTooLarge(result.error)) outcomes[place] = refused(message.data.length, result.error)
        else errors.push(result.error)
      }
    }
    const publish = (sent: readonly Sending[]): Promise<readonly Published[]> =>
      publishMessages(
        connection,
        this.#publishing,
        sent.map(({ message }) => message),
      )
    settle(sending, await publish(sending), created)
    settle(known, await publish(known), duplicate)
    const [error] = errors
    if (!error) return outcomes as readonly SinkOutcome[]
    throw this.#takenInPart(batch, outcomes, error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link.close()
  }

  #takenInPart(
    batch: readonly OutgoingEvent[],
    outcomes: readonly (SinkOutcome | undefined)[],
    cause: Error,
  ): Error {
    const taken = batch.filter((_, place) => {
      const outcome = outcomes[place]?.outcome
      return outcome === 'created' || outcome === 'duplicate'
    })
    for (const event of taken) this.#taken.add(event)
    return unreachable(
      `the stream took ${taken.length} of ${batch.length} events at ${this.#publishing.subject}: ${messageOf(cause)}`,
      cause,
    )
  }
}

/** Whether what comes twice is the same is for the database to say: it goes there under an id of its content. */
const underItsContent = ({ data, id }: Message): Message => ({
  data,
  id: `${id}/${createHash('sha256').update(data).digest('hex')}`,
})

const isTooLarge = (error: Error): boolean =>
  error instanceof JetStreamApiError && error.code === tooLargeForStream

const refused = (bytes: number, { message }: Error): SinkOutcome => ({
  outcome: 'rejected',
  reason: `the stream refuses ${bytes} bytes: ${message}`,
})

const tooLarge = (bytes: number, most: number): SinkOutcome => ({
  outcome: 'rejected',
  reason: `the event has ${bytes} bytes, and the nodes take ${most}: raise their max_payload, or record less`,
})
