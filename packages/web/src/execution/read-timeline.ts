import { TrailError } from '@steptrail/client'
import type { TimelinePart, TimelineRequest } from './read-timeline-worker.ts'
import type { StoryEvent } from './story.ts'

/**
 * All events of an execution in order. A worker of its own reads and checks them, since that takes as long as many
 * frames where there are thousands. Rejects with a `TrailError` of the server's, and with the signal's reason.
 */
export function readTimeline(request: TimelineRequest, signal: AbortSignal): Promise<readonly StoryEvent[]> {
  const worker = new Worker(new URL('read-timeline-worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve, reject } = Promise.withResolvers<readonly StoryEvent[]>()
  const events: StoryEvent[] = []
  worker.addEventListener('message', ({ data }: MessageEvent<TimelinePart>) => {
    if (data.kind === 'events') events.push(...data.events)
    else if (data.kind === 'end') resolve(events)
    else reject(troubleOf(data))
  })
  worker.addEventListener('error', ({ message }) =>
    reject(new Error(message || 'The program that reads the events could not be started.')),
  )
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
  worker.postMessage(request)
  return promise.finally(() => {
    signal.removeEventListener('abort', abort)
    worker.terminate()
  })
}

const troubleOf = ({ code, message, details }: Extract<TimelinePart, { readonly kind: 'trouble' }>): Error =>
  code === null ? new Error(message) : new TrailError(code, message, { details })
