import { TrailError } from '@steptrail/event'
import type { OutgoingEvent, Sink, SinkOutcome } from '@steptrail/recorder'

/** How a sink behaves in one write. */
export type SinkTurn =
  | 'answer'
  | 'fail'
  | 'ask-for-a-minute'
  | 'hang'
  | 'commit-and-lose-the-reply'
  | 'answer-nonsense'
  | 'hang-and-commit-later'

/** A sink that keeps what it is given by id, and does as it is told. */
export interface ScriptedSink extends Sink {
  /** In the order in which they were first committed. */
  readonly stored: readonly OutgoingEvent[]
  readonly writes: readonly (readonly OutgoingEvent[])[]
  /** How the writes to come behave, in turn; after the last one, `answer`. */
  readonly turns: SinkTurn[]
}

/** What a scripted sink depends on. */
export interface ScriptedSinkOptions {
  /** Awaited before each write takes effect. */
  readonly step?: () => Promise<void>
  /** The events that can never be written; a batch with one is refused whole. */
  readonly isBad?: (event: OutgoingEvent) => boolean
  readonly maxBatchEvents?: number
}

/** A sink that answers until it is told otherwise. */
export function scriptedSink(options: ScriptedSinkOptions = {}): ScriptedSink {
  const { step = async () => undefined, isBad = () => false } = options
  const byId = new Map<string, OutgoingEvent>()
  const writes: (readonly OutgoingEvent[])[] = []
  const turns: SinkTurn[] = []
  const commit = (batch: readonly OutgoingEvent[]): readonly SinkOutcome[] => {
    if (batch.some(isBad)) throw new TrailError('batch_refused', 'a constraint does not hold')
    return batch.map((event) => {
      const before = byId.get(event.id)
      if (!before) byId.set(event.id, event)
      if (before && before.json !== event.json) return { outcome: 'conflict', reason: 'another event' }
      return { outcome: before ? 'duplicate' : 'created' }
    })
  }
  return {
    ...(options.maxBatchEvents !== undefined && { maxBatchEvents: options.maxBatchEvents }),
    get stored() {
      return [...byId.values()]
    },
    writes,
    turns,
    async write(batch, signal) {
      const turn = turns.shift() ?? 'answer'
      writes.push(batch)
      await step()
      switch (turn) {
        case 'answer':
          return commit(batch)
        case 'fail':
          throw new Error('the connection was refused')
        case 'ask-for-a-minute':
          throw new TrailError('rate_limited', 'too many requests', { details: { retryAfterMs: 60_000 } })
        case 'hang':
          return await hang(signal)
        case 'commit-and-lose-the-reply':
          commit(batch)
          throw new Error('the connection was reset')
        case 'answer-nonsense':
          return []
        case 'hang-and-commit-later':
          return await hang(signal).catch(() => commit(batch))
      }
    },
  }
}

const hang = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

/** The numbers of events, read from their JSON. */
export const seqsOf = (events: readonly OutgoingEvent[]): readonly number[] =>
  events.map(({ json }) => (JSON.parse(json) as { readonly recorder_seq: number }).recorder_seq)
