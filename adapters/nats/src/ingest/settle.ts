import { type Sink, type SinkOutcome, writeSplitting } from '@steptrail/recorder'
import type { OpenLink } from '../stream/nats-link.ts'
import type { StreamPlaces } from '../stream/stream-places.ts'
import { bury } from './dead-letters.ts'
import type { IngesterCounts } from './ingester-options.ts'
import { acknowledge, type Received, sequenceOf } from './received.ts'

/** What settling messages takes. */
export interface Settling {
  readonly sink: Sink
  readonly places: StreamPlaces
  readonly link: OpenLink
  readonly signal: AbortSignal
}

/**
 * Writes what messages say, and acknowledges each once it is committed, or among the dead letters. Nothing of what fails
 * is acknowledged, so it may be settled again: what it has written by then is a duplicate. Throws what the database or
 * the stream throws.
 */
export async function settle(received: readonly Received[], settling: Settling): Promise<IngesterCounts> {
  const events = received.flatMap((each) => ('event' in each ? [each.event] : []))
  const outcomes = await writeSplitting(settling.sink, events, settling.signal)
  let next = 0
  const settled = received.map((each): SinkOutcome =>
    'event' in each ? (outcomes[next++] as SinkOutcome) : { outcome: 'rejected', reason: each.refusal },
  )
  await buryAll(received, settled, settling)
  acknowledge(received, settling.link.connection)
  const counts = { created: 0, duplicate: 0, conflict: 0, rejected: 0 }
  for (const { outcome } of settled) counts[outcome] += 1
  return counts
}

async function buryAll(
  received: readonly Received[],
  settled: readonly SinkOutcome[],
  settling: Settling,
): Promise<void> {
  const burials = settled.flatMap((outcome, index) =>
    'reason' in outcome ? [bury(sequenceOf(received[index] as Received), outcome, settling)] : [],
  )
  await Promise.all(burials)
}
