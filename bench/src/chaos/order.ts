import { defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'

const output = z.object({ at: z.number() })

/** What the fleet is busy with: a graph of four steps, each of which may fail for a while or for good. */
export const order = defineWorkflow({
  name: 'fleet-order',
  version: '1',
  input: z.object({ number: z.number() }),
  retry: { maxRetries: 5, backoff: { type: 'fixed', delayMs: 50 } },
  steps: {
    reserve: { service: 'fleet', output, after: [], timeoutMs: 3_000 },
    charge: { service: 'fleet', output, after: ['reserve'], timeoutMs: 3_000 },
    pack: { service: 'fleet', output, after: ['reserve'], timeoutMs: 3_000 },
    ship: { service: 'fleet', output, after: ['charge', 'pack'], timeoutMs: 3_000 },
  },
})
