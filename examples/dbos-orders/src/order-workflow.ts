import { DBOS } from '@dbos-inc/dbos-sdk'
import type { DbosSteps } from '@steptrail/dbos'

/** An order, and how often its bank does not answer before it does. */
export interface Order {
  readonly id: string
  readonly silences: number
}

/** Registers the workflow of orders with DBOS. Its steps run by way of the adapter, so that each attempt is seen. */
export const orderWorkflow = (steps: DbosSteps) =>
  DBOS.registerWorkflow(
    async (order: Order): Promise<string> => {
      await steps.run(() => Promise.resolve(`goods for ${order.id}`), { name: 'reserve' })
      try {
        return await steps.run(() => charge(order), {
          name: 'charge',
          retriesAllowed: true,
          maxAttempts: 3,
          intervalSeconds: 0.02,
          backoffRate: 2,
        })
      } catch (error) {
        await steps.run(() => Promise.resolve('goods are back'), { name: 'release', undoes: 'reserve' })
        throw error
      }
    },
    { name: 'order' },
  )

/** The bank of the example: silent for as many attempts as the order says. */
function charge({ id, silences }: Order): Promise<string> {
  const attempt = DBOS.stepStatus?.currentAttempt ?? 1
  if (attempt <= silences) return Promise.reject(new Error(`the bank did not answer for ${id}`))
  return Promise.resolve(`receipt of ${id}`)
}
