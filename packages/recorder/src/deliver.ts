import type { BatchLimits } from './backlog.ts'
import { type OutgoingEvent, sizeOf } from './outgoing-event.ts'
import type { Sink, SinkOutcome } from './sink.ts'
import type { Timers } from './timers.ts'
import { isRefusal } from './write-splitting.ts'

/** What delivering depends on. */
export interface Delivery<Event extends OutgoingEvent> {
  readonly sink: Sink
  /** How much one write takes; a single event is written whatever its size. */
  readonly limits: BatchLimits
  readonly timers: Timers
  /** Aborted when the recorder does not wait any longer. */
  readonly signal: AbortSignal
  /** How long a write may take before the sink counts as away. */
  readonly timeoutMs: number
  /** Told of every event whose outcome is known for good. */
  readonly settle: (event: Event, outcome: SinkOutcome) => void
  /** Told of every write that the sink answered, and how long it took. */
  readonly written: (durationMs: number) => void
}

/** What is left of a batch, in order, and why; nothing when every event is settled. */
export interface Undelivered<Event extends OutgoingEvent> {
  readonly left: readonly Event[]
  readonly cause?: unknown
}

/**
 * Writes a batch. When the sink refuses it for good, it is split until the events that are to blame are alone:
 * those are settled as rejected, and none of the others. Ends with what is left when the sink is away, does not
 * answer in time, or answers something else than one outcome for each event. Never rejects.
 */
export async function deliver<Event extends OutgoingEvent>(
  batch: readonly Event[],
  delivery: Delivery<Event>,
): Promise<Undelivered<Event>> {
  const parts = partsOf(batch, delivery.limits).toReversed()
  for (let part = parts.pop(); part; part = parts.pop()) {
    try {
      const outcomes = await writeInTime(part, delivery)
      part.forEach((event, index) => delivery.settle(event, outcomes[index] as SinkOutcome))
    } catch (cause) {
      const [first] = part
      if (!isRefusal(cause) || !first) return { left: [part, ...parts.toReversed()].flat(), cause }
      if (part.length === 1) delivery.settle(first, { outcome: 'rejected', reason: cause.message })
      else {
        const half = Math.ceil(part.length / 2)
        parts.push(part.slice(half), part.slice(0, half))
      }
    }
  }
  return { left: [] }
}

/** The batch in parts of which none is too large; mostly one. */
function partsOf<Event extends OutgoingEvent>(
  batch: readonly Event[],
  limits: BatchLimits,
): (readonly Event[])[] {
  const parts: Event[][] = []
  let bytes = 0
  for (const event of batch) {
    const part = parts.at(-1)
    bytes += sizeOf(event)
    if (part && part.length < limits.events && bytes <= limits.bytes) part.push(event)
    else {
      parts.push([event])
      bytes = sizeOf(event)
    }
  }
  return parts
}

const known: ReadonlySet<unknown> = new Set(['created', 'duplicate', 'conflict', 'rejected'])
const isOutcome = (outcome: SinkOutcome | undefined): boolean => known.has(outcome?.outcome)

async function writeInTime<Event extends OutgoingEvent>(
  part: readonly Event[],
  { sink, timers, signal, timeoutMs, written }: Delivery<Event>,
): Promise<readonly SinkOutcome[]> {
  if (signal.aborted) throw waitsNoLonger()
  const since = timers.elapsedMs()
  const ending = new AbortController()
  const gaveUp = new Promise<never>((_, reject) => {
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason as Error), { once: true })
  })
  const stop = (): void => ending.abort(waitsNoLonger())
  const cancel = timers.after(timeoutMs, () => ending.abort(new Error(`no answer within ${timeoutMs} ms`)))
  signal.addEventListener('abort', stop, { once: true })
  try {
    const outcomes = await Promise.race([gaveUp, Promise.resolve(sink.write(part, ending.signal))])
    if (outcomes.length !== part.length || !outcomes.every(isOutcome))
      throw new Error(`the sink did not give ${part.length} outcomes for ${part.length} events`)
    written(timers.elapsedMs() - since)
    return outcomes
  } finally {
    cancel()
    signal.removeEventListener('abort', stop)
  }
}

const waitsNoLonger = (): Error => new Error('the recorder does not wait any longer')
