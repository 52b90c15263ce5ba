import { setTimeout } from 'node:timers/promises'
import { createInbox, type Msg, nanos, type NatsConnection, type Subscription } from '@nats-io/transport-node'
import { unreachable } from '../stream/nats-trouble.ts'
import type { StreamPlaces } from '../stream/stream-places.ts'

/** What is asked of a consumer at a time. */
export interface Pull {
  readonly connection: NatsConnection
  readonly places: StreamPlaces
  /** So many messages, or what there is when it expires. */
  readonly messages: number
  /** Ends it, once what is on its way has come. */
  readonly signal: AbortSignal
  /** Called each time the consumer says that it does as it is asked. */
  readonly answered: () => void
}

/** Where consumers are asked for messages, before their names. */
export const nextMessages = '$JS.API.CONSUMER.MSG.NEXT.'

/**
 * Asks the consumer of the ingesters for messages, and hands over each as it comes: resolves when all have come or a
 * while is over, and rejects with `stream_unreachable` when the consumer refuses, or the node says nothing any more.
 *
 * It speaks the protocol of JetStream itself (ADR-13 of NATS): the client's own way gives each message an object, an
 * iterator and a promise, of which thousands wait at a time.
 */
export async function pullMessages(pull: Pull, take: (message: Msg) => void): Promise<void> {
  const { connection, places, messages, signal, answered } = pull
  if (signal.aborted) return
  const inbox = createInbox()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let left = messages
  let silences = 0
  const hear = (error: Error | null, message: Msg): void => {
    silences = 0
    if (error) return reject(error)
    if (message.subject === inbox) return hearStatus(message)
    answered()
    take(message)
    left -= 1
    if (left === 0) resolve()
  }
  const hearStatus = ({ headers }: Msg): void => {
    const { code, description } = headers ?? { code: 0, description: '' }
    if (code === status.heartbeat) return answered()
    if (code === status.noMessages || code === status.expired) return resolve()
    reject(unreachable(`the consumer ${places.consumer} of the stream says ${code} ${description}`))
  }
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => {
      // What is thrown here would end the client's reading of all there is.
      try {
        hear(error, message)
      } catch (cause) {
        reject(cause)
      }
    },
  })
  const watch = setInterval(() => {
    silences += 1
    if (silences > mostSilences) reject(unreachable(silent))
  }, heartbeatMs)
  const stop = (): void => resolve()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const asked = { batch: messages, expires: nanos(expiresMs), idle_heartbeat: nanos(heartbeatMs) }
    const subject = `${nextMessages}${places.stream}.${places.consumer}`
    connection.publish(subject, JSON.stringify(asked), { reply: inbox })
    await promise
  } finally {
    signal.removeEventListener('abort', stop)
    clearInterval(watch)
    if (signal.aborted) await takeWhatIsOnItsWay(subscription, connection)
    subscription.unsubscribe()
  }
}

/** A node that says nothing is not waited for: what it has sent comes again. */
async function takeWhatIsOnItsWay(subscription: Subscription, connection: NatsConnection): Promise<void> {
  if (connection.isClosed()) return
  await Promise.race([subscription.drain(), setTimeout(longestDrainMs, undefined, { ref: false })])
}

const expiresMs = 5_000
const heartbeatMs = 1_000
const mostSilences = 2
const longestDrainMs = 1_000
const silent = `the nodes of NATS have said nothing for ${mostSilences} seconds (heartbeats missed): see that they run and can be reached`

/** What a node says of a pull, in the place of a message. */
const status = { heartbeat: 100, noMessages: 404, expired: 408 } as const
