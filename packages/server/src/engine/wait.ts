import { longestWaitMs, waitAnswerSchema, waitQuerySchema } from '@steptrail/client/messages'
import { TrailError } from '@steptrail/event'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'

/** Waits at a time. A worker waits in one, so this is how many may be idle. */
const mostWaits = 2_000

/** `GET /api/v1/engine/work`. */
export function waitEndpoint({ saga, closing }: Services): Endpoint {
  let waiting = 0
  return defineEndpoint({
    tag: 'engine',
    scope: 'engine',
    method: 'get',
    path: '/api/v1/engine/work',
    summary: 'Wait until there may be work for a service',
    description:
      'Answers as soon as there may be, or when the time is over; claiming tells whether there is.',
    query: waitQuerySchema,
    answer: { schema: waitAnswerSchema, description: 'There may be work.' },
    handle: async ({ query, signal }) => {
      if (waiting >= mostWaits) throw tooMany()
      const { service, timeout_ms: timeoutMs = longestWaitMs } = query
      waiting += 1
      try {
        await saga.dispatch.waitForWork(service, timeoutMs, AbortSignal.any([signal, closing]))
      } finally {
        waiting -= 1
      }
      return { service }
    },
  })
}

const tooMany = (): TrailError =>
  new TrailError('server_busy', `${mostWaits} workers wait here already, and no more may: try again later`, {
    details: { retryAfterSeconds: 10 },
  })
