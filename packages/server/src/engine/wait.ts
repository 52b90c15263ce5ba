import { longestWaitMs, waitAnswerSchema, waitQuerySchema } from '@steptrail/client/messages'
import type { Principal } from '../access/principal.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { Slots } from '../slots.ts'

/** Resolves when there may be work for a service, when the time is over, or when who asks hangs up. */
export type WaitForWork = (waiting: Waiting, timeoutMs: number) => Promise<void>

/** Who waits, and for what. */
interface Waiting {
  readonly principal: Principal
  readonly service: string
  /** Aborted when who asks hangs up. */
  readonly signal: AbortSignal
}

/** Waits for work, so many at a time; the end of the server ends them. Throws `server_busy`. */
export function waitingFor({ saga, closing, settings }: Services): WaitForWork {
  const waits = new Slots(settings.waits, 'waiting workers')
  return async ({ principal, service, signal }, timeoutMs) => {
    const release = waits.take(principal.tenant)
    try {
      await saga.dispatch.waitForWork(service, timeoutMs, AbortSignal.any([signal, closing]))
    } finally {
      release()
    }
  }
}

/** `GET /api/v1/engine/work`. */
export const waitEndpoint = (wait: WaitForWork): Endpoint =>
  defineEndpoint({
    tag: 'engine',
    scope: 'engine',
    method: 'get',
    path: '/api/v1/engine/work',
    summary: 'Wait until there may be work for a service',
    description:
      'Answers as soon as there may be, or when the time is over; claiming tells whether there is.',
    query: waitQuerySchema,
    answer: { schema: waitAnswerSchema, description: 'There may be work.' },
    handle: async ({ query, principal, signal, confirm }) => {
      const { service, timeout_ms: timeoutMs = longestWaitMs } = query
      await wait({ principal, service, signal }, timeoutMs)
      await confirm()
      return { service }
    },
  })
