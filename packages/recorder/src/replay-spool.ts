import { limitsAt } from './backlog.ts'
import { deliver } from './deliver.ts'
import type { OutgoingEvent } from './outgoing-event.ts'
import { usualBatchBytes } from './settings.ts'
import type { Sink, SinkOutcome } from './sink.ts'
import type { Spool } from './spool.ts'
import { systemTimers } from './timers.ts'

/** What became of events that were replayed, as the sink told. */
export type ReplayCounts = Readonly<Record<SinkOutcome['outcome'], number>>

/** How a spool is replayed. */
export interface ReplaySpoolOptions {
  readonly spool: Spool
  readonly sink: Sink
  /** How many events are read, and at the most written, at once. Default 1,000. */
  readonly batchEvents?: number
  /** How long a write may take before the sink counts as away, in milliseconds. Default 30,000. */
  readonly writeTimeoutMs?: number
  /** Ends it after the batch under way. */
  readonly signal?: AbortSignal
  /** Told after each batch of what became of all events so far. */
  readonly onProgress?: (counts: ReplayCounts) => void
}

/**
 * Writes all that is in a spool to a sink, in order, and resolves with what became of it. What the sink refuses for
 * good becomes a dead letter. May be repeated: what was written before is a duplicate then.
 *
 * @throws whatever the sink throws when it is away, or the spool when it cannot be read or take a dead letter; what
 *   is not settled stays in the spool
 */
export async function replaySpool(options: ReplaySpoolOptions): Promise<ReplayCounts> {
  const { spool, batchEvents = 1_000, signal, onProgress } = options
  let counts: ReplayCounts = { created: 0, duplicate: 0, conflict: 0, rejected: 0 }
  for (;;) {
    const batch = signal?.aborted ? undefined : await spool.next(batchEvents)
    if (batch === undefined) return counts
    const outcomes = await outcomesOf(batch.events, options)
    for (const [event, outcome] of outcomes)
      if ('reason' in outcome) await spool.bury(event, `${outcome.outcome}: ${outcome.reason}`)
    await batch.settle()
    counts = add(counts, outcomes)
    onProgress?.(counts)
  }
}

type Outcomes = readonly (readonly [OutgoingEvent, SinkOutcome])[]

async function outcomesOf(
  events: readonly OutgoingEvent[],
  { sink, writeTimeoutMs = 30_000 }: ReplaySpoolOptions,
): Promise<Outcomes> {
  const outcomes: (readonly [OutgoingEvent, SinkOutcome])[] = []
  const { left, cause } = await deliver(events, {
    sink,
    limits: limitsAt(sink, { events: events.length, bytes: usualBatchBytes }),
    timers: systemTimers,
    signal: new AbortController().signal,
    timeoutMs: writeTimeoutMs,
    settle: (event, outcome) => void outcomes.push([event, outcome]),
    written: () => undefined,
  })
  if (left.length > 0) throw cause
  return outcomes
}

function add(counts: ReplayCounts, outcomes: Outcomes): ReplayCounts {
  const sums = { ...counts }
  for (const [, { outcome }] of outcomes) sums[outcome] += 1
  return sums
}
