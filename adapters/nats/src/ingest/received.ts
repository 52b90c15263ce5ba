import type { CopiedRows } from '@steptrail/core'
import type { PrepareEnvironment } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { publishEmpty } from '../stream/publish-empty.ts'
import type { StreamPlaces } from '../stream/stream-places.ts'
import type { Delivered } from './dead-letters.ts'
import { readMessage } from './read-message.ts'

/**
 * A message that has come: where to say what became of it, and the event that it says, or why it says none that can be
 * on record. The message itself is not kept: the stream has it until it is acknowledged.
 */
export type Received = Delivery & {
  /** When the stream was made that gave it. */
  readonly streamMade: string
} & ({ readonly event: OutgoingEvent } | { readonly refusal: string })

/** That a message was delivered: where to say what became of it, which also says which one it is. */
export interface Delivery {
  readonly reply: string
}

/** What reading messages takes. */
export interface Reading {
  readonly places: StreamPlaces
  /** For what applications publish, and for what engines do: who may publish as one is for NATS to say. */
  readonly application: PrepareEnvironment
  readonly engine: PrepareEnvironment
  /** Where events wait as rows. */
  readonly rows: CopiedRows
}

/** Reads a message as it comes. */
export function receive(
  { data, subject, reply = '' }: Msg,
  reading: Reading & Pick<Received, 'streamMade'>,
): Received {
  const { places, application, engine, rows, streamMade } = reading
  const said = readMessage(data, { environment: subject === places.engine ? engine : application, rows })
  return 'event' in said
    ? { reply, streamMade, event: said.event }
    : { reply, streamMade, refusal: said.refusal }
}

/** Says of each that the stream need not keep it. */
export function acknowledge(received: readonly Delivery[], connection: NatsConnection): void {
  publishEmpty(
    connection,
    received.map(({ reply }) => reply),
  )
}

/** Gives them back to the stream, for another to have at once. Where there is no connection, it has them later. */
export function giveBack(received: readonly Delivery[], connection: NatsConnection | null): void {
  for (const { reply } of received) connection?.publish(reply, '-NAK')
}

/**
 * Which message it is: `$JS.ACK.stream.consumer.deliveries.number.….nanoseconds.…`, with domain and account before the
 * stream or without.
 */
export function deliveredOf({ reply }: Delivery): Delivered {
  const tokens = reply.split('.')
  const first = tokens.length > 9 ? 7 : 5
  return { sequence: Number(tokens[first]), publishedAtMs: Number(tokens[first + 2]?.slice(0, -6)) }
}
