import { type Database, getExecution } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { createWorker, defineWorkflow, FatalError } from '@steptrail/workflow'
import { vi } from 'vitest'
import { z } from 'zod'

/** Charges, then ships; a card that is refused blocks it. */
export const shop = defineWorkflow({
  name: 'shop',
  version: '1',
  input: z.object({ card: z.string() }),
  retry: { maxRetries: 0 },
  steps: {
    charge: {
      service: 'shop-service',
      output: z.object({ receipt: z.string() }),
      after: [],
      onFailure: 'block',
    },
    ship: { service: 'shop-service', output: z.object({}), after: ['charge'] },
  },
})

const patience = { interval: 20, timeout: 20_000 }

/** A shop that is open: its worker is at work until it is closed. */
export async function openShop(database: Database) {
  const saga = await createSaga(database, { holdsClock: false })
  const worker = createWorker(saga.dispatch, { service: 'shop-service' }).implement(shop, {
    charge: {
      do: ({ input }) => {
        if (input.card === 'stolen') throw new FatalError('card was refused')
        return { receipt: `for ${input.card}` }
      },
      undo: () => {},
    },
    ship: { do: () => ({}), undo: () => {} },
  })
  await worker.start()
  return {
    /** Resolves when an execution is in this state. */
    until: async (executionId: string, status: string): Promise<void> => {
      const isThere = async (): Promise<void> => {
        const now = (await getExecution(database, executionId)).status
        if (now !== status) throw new Error(`execution ${executionId} is ${now}, not ${status}`)
      }
      await vi.waitFor(isThere, patience)
    },
    close: async (): Promise<void> => {
      await worker.close()
      await saga.close()
    },
  }
}
