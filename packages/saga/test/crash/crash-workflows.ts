import type { StartedExecution } from '@steptrail/saga'
import { defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'

const retry = { maxRetries: 6, backoff: { type: 'fixed', delayMs: 40 } } as const
const output = z.object({ key: z.string() })
/** What nobody reports on is noticed after this at the latest: a claim, say, whose reply was lost. */
const timeoutMs = 1_500

/** A graph over two services. */
export const order = defineWorkflow({
  name: 'crash-order',
  version: '1',
  input: z.object({ round: z.number() }),
  retry,
  steps: {
    reserve: { service: 'stock', output, after: [], timeoutMs },
    pay: { service: 'bank', output, after: ['reserve'], timeoutMs },
    pack: { service: 'stock', output, after: ['reserve'], timeoutMs },
    ship: { service: 'stock', output, after: ['pay', 'pack'], timeoutMs },
  },
})

/** Two steps in a row. */
export const refund = defineWorkflow({
  name: 'crash-refund',
  version: '1',
  input: z.object({ round: z.number() }),
  retry,
  steps: {
    credit: { service: 'bank', output, after: [], timeoutMs },
    restock: { service: 'stock', output, timeoutMs },
  },
})

/** Both services. */
export const services = ['stock', 'bank'] as const

/** What starts executions: a runtime, or a client. */
export interface Starting {
  start(
    workflow: typeof order | typeof refund,
    input: { readonly round: number },
    options: { readonly idempotencyKey: string },
  ): Promise<StartedExecution>
}

/** Starts the execution of a round; once, however many do. */
export const startRound = (runtime: Starting, round: number): Promise<StartedExecution> =>
  runtime.start(round % 3 === 0 ? refund : order, { round }, { idempotencyKey: `round ${round}` })
