import { createWorker, defineWorkflow, FatalError, type Dispatch } from '@steptrail/workflow'
import { z } from 'zod'

const service = 'warehouse-service'

/**
 * Delivers a parcel. A carrier that refuses it is a case for a person; customs are cleared by a service of which the
 * demo starts no worker, and the ferry takes minutes.
 */
export const delivery = defineWorkflow({
  name: 'parcel-delivery',
  version: '2.1.0',
  input: z.object({
    parcel: z.string(),
    carrier: z.enum(['van', 'ferry', 'strike']),
    abroad: z.boolean(),
  }),
  retry: {
    maxRetries: 2,
    backoff: { type: 'exponential', initialMs: 150, factor: 2, maxMs: 2_000, jitter: 0.2 },
  },
  steps: {
    pick: { service, output: z.object({ shelf: z.string() }), after: [] },
    label: { service, output: z.object({ code: z.string() }), after: ['pick'] },
    clearCustoms: {
      service: 'customs-service',
      output: z.object({}),
      after: ['label'],
      when: z.object({ input: z.object({ abroad: z.literal(true) }) }),
      undo: 'none',
    },
    handOver: {
      service,
      output: z.object({ tracking: z.string() }),
      after: ['clearCustoms'],
      onFailure: 'block',
      timeoutMs: 3_600_000,
    },
  },
})

const ferryMs = 600_000

/** A worker for deliveries, which is at work until it is closed. */
export async function startDeliveries(dispatch: Dispatch): Promise<AsyncDisposable> {
  const worker = createWorker(dispatch, { service }).implement(delivery, {
    pick: { do: () => ({ shelf: 'B-17' }), undo: () => {} },
    label: {
      do: ({ input: { parcel }, attempt }) => {
        if (parcel.endsWith('7') && attempt === 1) throw new Error('the label printer is out of paper')
        return { code: `LBL-${parcel}` }
      },
      undo: () => {},
    },
    handOver: {
      do: async ({ input: { parcel, carrier }, signal }) => {
        if (carrier === 'strike') throw new FatalError('the carrier is on strike')
        if (carrier === 'ferry') await pause(ferryMs, signal)
        return { tracking: `TRK-${parcel}` }
      },
      undo: () => {},
    },
  })
  await worker.start()
  return { [Symbol.asyncDispose]: async () => void (await worker.close()) }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}
