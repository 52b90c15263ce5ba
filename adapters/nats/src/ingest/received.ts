import type { CopiedRows } from '@steptrail/core'
import type { PrepareEnvironment } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { publishEmpty } from '../stream/publish-empty.ts'
import type { StreamPlaces } from '../stream/stream-places.ts'
import { readMessage } from './read-message.ts'

/**
 * A message that has come: where to say what became of it, and the event that it says, or why it says none that can be
 * on record. The message itself is not kept: the stream has it until it is acknowledged.
 */
export type Received =
  | { readonly reply: string; readonly event: OutgoingEvent }
  | { readonly reply: string; readonly refusal: string }

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
export function receive({ data, subject, reply = '' }: Msg, reading: Reading): Received {
  const { places, application, engine, rows } = reading
  const said = readMessage(data, { environment: subject === places.engine ? engine : application, rows })
  return 'event' in said ? { reply, event: said.event } : { reply, refusal: said.refusal }
}

/** Says of each that the stream need not keep it. */
export function acknowledge(received: readonly Received[], connection: NatsConnection): void {
  publishEmpty(
    connection,
    received.map(({ reply }) => reply),
  )
}

/** Gives them back to the stream, for another to have at once. Where there is no connection any more, it has them later. */
export function giveBack(received: readonly Received[], connection: NatsConnection): void {
  if (connection.isClosed()) return
  for (const { reply } of received) connection.publish(reply, '-NAK')
}

/** Its number in the stream: `$JS.ACK.stream.consumer.deliveries.number…`, with domain and account before the stream or without. */
export function sequenceOf({ reply }: Received): number {
  const tokens = reply.split('.')
  return Number(tokens[tokens.length > 9 ? 7 : 5])
}
