import type { JsMsg } from '@nats-io/jetstream'
import type { PrepareEnvironment } from '@steptrail/event'
import { type OutgoingEvent, type Sink, type SinkOutcome, writeSplitting } from '@steptrail/recorder'
import type { OpenLink } from '../stream/nats-link.ts'
import type { StreamPlaces } from '../stream/stream-places.ts'
import { bury } from './dead-letters.ts'
import type { IngesterCounts } from './ingester-options.ts'
import { readMessage } from './read-message.ts'

/** What settling messages takes. */
export interface Settling {
  readonly sink: Sink
  readonly environment: PrepareEnvironment
  readonly places: StreamPlaces
  readonly link: OpenLink
  readonly signal: AbortSignal
}

/**
 * Writes what messages say, and acknowledges each once it is committed, or among the dead letters. Nothing of what fails
 * is acknowledged, so it may be settled again: what it has written by then is a duplicate. Throws what the database or
 * the stream throws.
 */
export async function settle(messages: readonly JsMsg[], settling: Settling): Promise<IngesterCounts> {
  const read = messages.map((message) => ({ message, ...readAs(message, settling) }))
  const events = read.flatMap((each) => ('event' in each ? [each.event] : []))
  const outcomes = await writeSplitting(settling.sink, events, settling.signal)
  let next = 0
  const settled = read.map((each): SinkOutcome =>
    'event' in each ? (outcomes[next++] as SinkOutcome) : { outcome: 'rejected', reason: each.refusal },
  )
  await buryAll(messages, settled, settling)
  const counts = { created: 0, duplicate: 0, conflict: 0, rejected: 0 }
  messages.forEach((message, index) => {
    message.ack()
    counts[(settled[index] as SinkOutcome).outcome] += 1
  })
  return counts
}

async function buryAll(
  messages: readonly JsMsg[],
  settled: readonly SinkOutcome[],
  settling: Settling,
): Promise<void> {
  const burials = settled.map(async (outcome, index) => {
    if ('reason' in outcome) await bury(messages[index] as JsMsg, outcome, settling)
  })
  await Promise.all(burials)
}

/** Who may publish as an engine is for NATS to say. */
const readAs = (
  { data, subject }: JsMsg,
  { environment, places }: Settling,
): { readonly event: OutgoingEvent } | { readonly refusal: string } =>
  readMessage(data, { ...environment, engine: subject === places.engine })
