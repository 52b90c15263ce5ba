import type { JetStreamManager } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { NatsLink, type OpenLink } from '../stream/nats-link.ts'
import type { NatsOptions } from '../stream/nats-options.ts'
import { natsTrouble } from '../stream/nats-trouble.ts'
import { placesOf, type StreamPlaces } from '../stream/stream-places.ts'

/** Why a message is a dead letter. */
export type DeadLetterOutcome = 'conflict' | 'rejected'

/** What is said of one. */
export interface WhyDead {
  readonly outcome: DeadLetterOutcome
  readonly reason: string
}

/** A message that can never be on record, as the stream of dead letters keeps it. */
export interface DeadLetter {
  /** Its number in the stream of dead letters. */
  readonly sequence: number
  /** `conflict`: other content is on record under its id. `rejected`: it is no event, or no month takes it. */
  readonly outcome: DeadLetterOutcome
  readonly reason: string
  /** Where it was published, its number in that stream, and when that took it. */
  readonly subject: string
  readonly streamSequence: number
  readonly publishedAt: string
  /** The `Nats-Msg-Id` it had; null without one. */
  readonly messageId: string | null
  /** What it said, byte by byte; the beginning of it, where it left no room for what is said about it. */
  readonly data: Uint8Array
  /** How many bytes it had. */
  readonly bytes: number
}

const names = {
  outcome: 'Steptrail-Outcome',
  reason: 'Steptrail-Reason',
  subject: 'Steptrail-Subject',
  sequence: 'Steptrail-Sequence',
  publishedAt: 'Steptrail-Published-At',
  messageId: 'Steptrail-Message-Id',
  bytes: 'Steptrail-Bytes',
} as const

/** UTF-16 code units of a reason. */
export const reasonLength = 1_000

/** What the headers and the protocol around them may take. */
const headerBytes = 8_192

/** Which message of a stream is meant: one that is made anew counts from 1 again. */
export interface Delivered {
  readonly sequence: number
  /** When the stream took it, in milliseconds since 1970. */
  readonly publishedAtMs: number
}

/**
 * Keeps a message in the stream of dead letters; resolves when that has it. A message that comes again is kept once; one
 * that is not in the stream any more has been settled by who else had it.
 */
export async function bury(
  { sequence, publishedAtMs }: Delivered,
  why: WhyDead,
  { link, places }: { readonly link: OpenLink; readonly places: StreamPlaces },
): Promise<void> {
  const { client, connection, manager } = link
  const message = await manager.streams.getMessage(places.stream, { seq: sequence })
  if (message?.time.getTime() !== publishedAtMs) return
  const said = headers()
  said.set(names.outcome, why.outcome)
  said.set(names.reason, why.reason.replaceAll(/[\r\n]+/g, ' ').slice(0, reasonLength))
  said.set(names.subject, message.subject)
  said.set(names.sequence, String(sequence))
  said.set(names.publishedAt, message.time.toISOString())
  said.set(names.bytes, String(message.data.length))
  const messageId = message.header.get('Nats-Msg-Id')
  if (messageId) said.set(names.messageId, messageId.slice(0, 1_000))
  const room = Math.max(0, (connection.info?.max_payload ?? 1_048_576) - headerBytes)
  await client.publish(places.dead, message.data.subarray(0, room), {
    headers: said,
    msgID: `${places.stream}/${sequence}/${publishedAtMs}`,
  })
}

/** Reads the dead letters of a stream, the oldest first. Throws `stream_unreachable` when no node tells. */
export async function* readDeadLetters(options: NatsOptions): AsyncGenerator<DeadLetter, void, void> {
  await using link = new NatsLink(options)
  const { manager } = await link.open()
  const { deadStream } = placesOf(options.stream)
  const { first, last } = await extentOf(manager, deadStream)
  for (let sequence = first; sequence <= last; sequence += 1) {
    const letter = await readOne(manager, deadStream, sequence)
    if (letter) yield letter
  }
}

async function extentOf(
  manager: JetStreamManager,
  deadStream: string,
): Promise<{ readonly first: number; readonly last: number }> {
  try {
    const { state } = await manager.streams.info(deadStream)
    // The first is 0 while there was none.
    return { first: Math.max(1, state.first_seq), last: state.last_seq }
  } catch (error) {
    throw natsTrouble(error)
  }
}

/** Null for one that somebody has deleted. */
async function readOne(
  manager: JetStreamManager,
  deadStream: string,
  sequence: number,
): Promise<DeadLetter | null> {
  const stored = await manager.streams.getMessage(deadStream, { seq: sequence })
  if (!stored) return null
  const said = (name: string): string => stored.header.get(name)
  return {
    sequence,
    outcome: said(names.outcome) === 'conflict' ? 'conflict' : 'rejected',
    reason: said(names.reason),
    subject: said(names.subject),
    streamSequence: Number(said(names.sequence)),
    publishedAt: said(names.publishedAt),
    messageId: said(names.messageId) || null,
    data: stored.data,
    bytes: Number(said(names.bytes)),
  }
}
