import { type Database, getExecution } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { createWorker, defineWorkflow, FatalError } from '@steptrail/workflow'
import { vi } from 'vitest'
import { z } from 'zod'

const service = 'shop-service'

/** Reserves, charges, ships; what was done is undone when a card is refused for good. */
const checkout = defineWorkflow({
  name: 'checkout',
  version: '1.2.0',
  input: z.object({ card: z.string(), note: z.unknown().optional() }),
  retry: { maxRetries: 2, backoff: { type: 'fixed', delayMs: 40 } },
  steps: {
    reserve: { service, output: z.object({ shelf: z.int() }), after: [] },
    wrap: { service, output: z.object({}), after: ['reserve'] },
    charge: { service, output: z.object({ receipt: z.string() }), after: ['wrap'] },
  },
})

/** Picks, then ships; what cannot be shipped waits for a person. */
const shipment = defineWorkflow({
  name: 'shipment',
  version: '1.0.0',
  input: z.object({ carrier: z.string() }),
  retry: { maxRetries: 0 },
  steps: {
    pick: { service, output: z.object({}), after: [] },
    ship: { service, output: z.object({}), after: ['pick'], onFailure: 'block' },
  },
})

/** What the hostile put wherever a text goes. */
export const hostile = `<script>window.hacked = true</script><img src=x onerror="window.hacked = true">\u202Etxt.exe ${'A'.repeat(200)}${'{"a":['.repeat(1_600)}`

/** What is small on record, and very long when each level is indented. */
const bomb: unknown = JSON.parse(`${'['.repeat(390)}${Array(3_000).fill(0).join()}${']'.repeat(390)}`)

const patience = { interval: 10, timeout: 30_000 }

/** A shop that is open: real executions on a real database, by a worker that is closed with it. */
export async function openShop(database: Database) {
  const saga = await createSaga(database, { holdsClock: false })
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const gateOf = (executionId: string): PromiseWithResolvers<void> => {
    const gate = gates.get(executionId) ?? Promise.withResolvers<void>()
    gates.set(executionId, gate)
    return gate
  }
  const openGates = (): void => {
    for (const { resolve } of gates.values()) resolve()
  }
  const worker = createWorker(saga.dispatch, { service })
    .implement(checkout, {
      reserve: { do: () => ({ shelf: 7 }), undo: () => {} },
      wrap: { do: () => ({}), undo: () => {} },
      charge: {
        do: async ({ input: { card }, attempt, executionId }) => {
          if (card === 'slow') await gateOf(executionId).promise
          if (card === 'flaky' && attempt < 3) throw new Error('the bank did not answer')
          if (card === 'stolen') throw new Error('the card was refused')
          if (card === 'hostile') throw new FatalError(hostile)
          return { receipt: `for ${card}` }
        },
        undo: () => {},
      },
    })
    .implement(shipment, {
      pick: { do: () => ({}), undo: () => {} },
      ship: {
        do: ({ input: { carrier } }) => {
          if (carrier === 'closed') throw new FatalError('the carrier is closed')
          return {}
        },
        undo: () => {},
      },
    })
  await worker.start()
  const until = async (executionId: string, status: string): Promise<void> => {
    const isThere = async (): Promise<void> => {
      const now = (await getExecution(database, executionId)).status
      if (now !== status) throw new Error(`execution ${executionId} is ${now}, not ${status}`)
    }
    await vi.waitFor(isThere, patience)
  }
  const actor = { type: 'user', id: 'anna' } as const
  return {
    until,
    /** Lets the cards that are slow at present be charged, also those to which it has not come yet. */
    letSlowOnesGo: openGates,
    /** Starts a checkout, and waits until it stands so. */
    checkout: async (card: string, status = 'completed', correlationId?: string): Promise<string> => {
      const { executionId } = await saga.start(
        checkout,
        { card, ...(card === 'hostile' && { note: bomb }) },
        { actor, ...(correlationId !== undefined && { correlationId }) },
      )
      if (card === 'slow') gateOf(executionId)
      await until(executionId, status)
      return executionId
    },
    /** The same of a shipment. */
    shipment: async (carrier: string, status = 'completed'): Promise<string> => {
      const { executionId } = await saga.start(shipment, { carrier }, { actor })
      await until(executionId, status)
      return executionId
    },
    close: async (): Promise<void> => {
      openGates()
      await worker.close()
      await saga.close()
    },
  }
}
