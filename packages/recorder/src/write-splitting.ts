import { TrailError } from '@steptrail/event'
import type { OutgoingEvent } from './outgoing-event.ts'
import type { Sink, SinkOutcome } from './sink.ts'

/** Whether a sink says that something in a batch can never be written. */
export const isRefusal = (error: unknown): error is TrailError =>
  error instanceof TrailError && error.code === 'batch_refused'

/**
 * Writes a batch; one that the sink refuses for something in it is halved until that is found, so that one event
 * never takes good ones with it.
 */
export async function writeSplitting(
  sink: Sink,
  batch: readonly OutgoingEvent[],
  signal: AbortSignal,
): Promise<readonly SinkOutcome[]> {
  if (batch.length === 0) return []
  try {
    return await sink.write(batch, signal)
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (batch.length === 1) return [{ outcome: 'rejected', reason: error.message }]
    const middle = Math.ceil(batch.length / 2)
    const first = await writeSplitting(sink, batch.slice(0, middle), signal)
    return [...first, ...(await writeSplitting(sink, batch.slice(middle), signal))]
  }
}
