import { defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'

/** A workflow whose second step can be made to hang, so that a test finds its worker inside. */
export const crashWorkflow = defineWorkflow({
  name: 'crash',
  version: '1',
  input: z.object({}),
  retry: { maxRetries: 2, backoff: { type: 'fixed', delayMs: 50 } },
  steps: {
    prepare: { service: 'crash-service', output: z.object({}), after: [] },
    act: { service: 'crash-service', output: z.object({ by: z.number() }), after: ['prepare'] },
  },
})
