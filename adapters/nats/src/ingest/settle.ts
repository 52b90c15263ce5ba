import { type Sink, type SinkOutcome, writeSplitting } from '@steptrail/recorder'
import type { DeadMessage } from './burials.ts'
import { reasonLength, type WhyDead } from './dead-letters.ts'
import type { Received } from './received.ts'

/** What settling messages takes. */
export interface Settling {
  readonly sink: Sink
  readonly signal: AbortSignal
}

/** What became of messages: those that are on record, which are to be acknowledged, and those that never can be. */
export interface Settled {
  readonly onRecord: readonly Received[]
  readonly created: number
  readonly duplicate: number
  readonly dead: readonly DeadMessage[]
}

/**
 * Writes what messages say. What fails may be settled again: what it has written by then is a duplicate. Throws what the
 * database throws.
 */
export async function settle(received: readonly Received[], settling: Settling): Promise<Settled> {
  const events = received.flatMap((each) => ('event' in each ? [each.event] : []))
  const outcomes = await writeSplitting(settling.sink, events, settling.signal)
  let next = 0
  const onRecord: Received[] = []
  const dead: DeadMessage[] = []
  let created = 0
  for (const each of received) {
    const outcome: SinkOutcome =
      'event' in each ? (outcomes[next++] as SinkOutcome) : { outcome: 'rejected', reason: each.refusal }
    if ('reason' in outcome) dead.push({ delivery: { reply: each.reply }, why: whyOf(outcome) })
    else onRecord.push(each)
    if (outcome.outcome === 'created') created += 1
  }
  return { onRecord, created, duplicate: onRecord.length - created, dead }
}

/** Of the reason so much as its dead letter will say; the message may have told all of itself in it. */
const whyOf = ({ outcome, reason }: WhyDead): WhyDead => ({ outcome, reason: reason.slice(0, reasonLength) })
