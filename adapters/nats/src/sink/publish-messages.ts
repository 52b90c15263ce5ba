import { type ApiError, JetStreamApiError } from '@nats-io/jetstream'
import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import type { NatsLink } from '../stream/nats-link.ts'
import { natsTrouble, unreachable } from '../stream/nats-trouble.ts'

/** What is published, and the id by which the stream knows it when it comes again. */
export interface Message {
  readonly data: Uint8Array
  readonly id: string
}

/** Whether the stream has it, and had it before; or why that is not known, or why it does not take it. */
export type Published = { readonly isKnown: boolean } | { readonly error: Error }

/** Where to, and how long the stream has to take all of it, in milliseconds. */
export interface Publishing {
  readonly link: Pick<NatsLink, 'refusal'>
  /** Whose answer counts: a stream of another name may hear the subject, and nobody takes events from that one. */
  readonly stream: string
  readonly subject: string
  readonly timeoutMs: number
}

/**
 * Publishes to a stream, and resolves with what became of each message, in order. They go out one behind another and
 * share one inbox and one timer, where a request for each would have its own.
 */
export async function publishMessages(
  connection: NatsConnection,
  { link, stream, subject, timeoutMs }: Publishing,
  messages: readonly Message[],
): Promise<readonly Published[]> {
  if (messages.length === 0) return []
  const inbox = createInbox()
  const published = new Map<number, Published>()
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>()
  const hear = (error: Error | null, message: Msg): void => {
    if (error) return end(error)
    published.set(Number(message.subject.slice(inbox.length + 1)), publishedBy(message, stream))
    if (published.size === messages.length) end(undefined)
  }
  const subscription = connection.subscribe(`${inbox}.*`, { callback: hear })
  const late = (): Error =>
    natsTrouble(link.refusal(subject) ?? new Error(`no answer within ${timeoutMs} ms`))
  const timer = setTimeout(() => end(late()), timeoutMs)
  try {
    const said = headers()
    for (const [index, { data, id }] of messages.entries()) {
      said.set('Nats-Msg-Id', id)
      connection.publish(subject, data, { headers: said, reply: `${inbox}.${index}` })
    }
    const cause = await ended
    return messages.map((_, index) => published.get(index) ?? { error: cause as Error })
  } finally {
    clearTimeout(timer)
    subscription.unsubscribe()
  }
}

/** What JetStream answers, as far as it is read. */
interface Answer {
  readonly stream?: string
  readonly duplicate?: boolean
  readonly error?: ApiError
}

function publishedBy({ data }: Msg, expected: string): Published {
  // What nobody hears is answered by the node itself, with nothing.
  if (data.length === 0)
    return { error: unreachable('no stream hears it: an ingester makes it, where JetStream is enabled') }
  const { stream, duplicate, error } = answerOf(data)
  if (error) return { error: new JetStreamApiError({ ...error, description: withAdvice(error) }) }
  if (!stream) return { error: unreachable('the answer is none of a stream') }
  if (stream !== expected)
    return {
      error: unreachable(`the stream ${stream} hears it in the place of ${expected}: take it that subject`),
    }
  return { isKnown: duplicate === true }
}

/** Of NATS: the store or the account has no room; the stream has none by its own limits, or waits for its store. */
const noRoom = new Set([10023, 10047, 10077, 10002])

/** What is to be done where there is no room: whoever records learns of it first. */
const withAdvice = ({ err_code: code, description }: ApiError): string =>
  noRoom.has(code)
    ? `${description}: see that ingesters take events from it, or give it and its nodes more room`
    : description

const decoder = new TextDecoder()

/** Whoever else hears the subject may answer, too. */
function answerOf(data: Uint8Array): Answer {
  try {
    return (JSON.parse(decoder.decode(data)) ?? {}) as Answer
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
