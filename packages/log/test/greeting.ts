import type { Database } from '@steptrail/core'
import { createSaga, type Saga } from '@steptrail/saga'
import { createWorker, defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'

/** Two steps; the second fails twice for a guest whose name says so, and for good for one who is not welcome. */
export const greeting = defineWorkflow({
  name: 'greeting',
  version: '1.0.0',
  input: z.object({ guest: z.string().min(1) }),
  retry: { maxRetries: 2, backoff: { type: 'fixed', delayMs: 1 } },
  steps: {
    openDoor: { service: 'porter', output: z.object({}), after: [] },
    shakeHands: { service: 'host', output: z.object({ hands: z.int() }), after: ['openDoor'] },
  },
})

/** Has porter and host at work while `visit` goes on. */
export async function withHosts<T>(database: Database, visit: (saga: Saga) => Promise<T>): Promise<T> {
  await using saga = await createSaga(database)
  await using porter = createWorker(saga.dispatch, { service: 'porter', pollMinMs: 5 }).implement(greeting, {
    openDoor: { do: () => ({}), undo: () => undefined },
  })
  await using host = createWorker(saga.dispatch, { service: 'host', pollMinMs: 5 }).implement(greeting, {
    shakeHands: { do: ({ input, attempt }) => shakeHandsWith(input.guest, attempt), undo: () => undefined },
  })
  await Promise.all([porter.start(), host.start()])
  return await visit(saga)
}

/** Greets the guests to the end, and gives the executions' ids in their order. */
export async function greet(database: Database, guests: readonly string[]): Promise<readonly string[]> {
  return await withHosts(database, async (saga) => {
    const ids: string[] = []
    for (const guest of guests) {
      const { executionId } = await saga.start(greeting, { guest }, { correlationId: `visit of ${guest}` })
      await saga.waitForEnd(executionId)
      ids.push(executionId)
    }
    return ids
  })
}

function shakeHandsWith(guest: string, attempt: number): { hands: number } {
  if (guest === 'stranger') throw new Error(`${guest} is not welcome`)
  if (guest === 'shy' && attempt < 3) throw new Error('the guest hides')
  return { hands: 2 }
}
