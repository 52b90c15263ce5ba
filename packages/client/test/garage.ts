import { defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'

/** Lifts a car, then paints it. */
export const garage = defineWorkflow({
  name: 'garage',
  version: '1',
  input: z.object({ colour: z.string() }),
  retry: { maxRetries: 0 },
  steps: {
    lift: { service: 'garage-service', output: z.object({ height: z.number() }), after: [] },
    paint: { service: 'garage-service', output: z.object({}) },
  },
})
