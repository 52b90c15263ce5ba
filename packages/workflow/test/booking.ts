import { z } from 'zod'
import type { Claim } from '../src/dispatch.ts'
import { defineWorkflow } from '../src/define.ts'

/** A workflow for tests of the worker: two steps of service `desk`, one of another. */
export const booking = defineWorkflow({
  name: 'booking',
  version: '2',
  input: z.object({ guest: z.string(), from: z.coerce.date() }),
  steps: {
    reserve: {
      service: 'desk',
      output: z.object({ room: z.number(), at: z.date().optional(), floor: z.number().default(1) }),
      after: [],
    },
    pay: { service: 'bank', output: z.object({}), after: ['reserve'] },
    greet: { service: 'desk', output: z.null(), after: ['pay'], undo: 'none' },
  },
})

/** A claim of `reserve`, DO, first attempt, with ids made of `name`. */
export const claimOf = (name: string, given: Partial<Claim> = {}): Claim => ({
  executionId: `execution-${name}`,
  workflowName: 'booking',
  workflowVersion: '2',
  correlationId: `correlation-${name}`,
  tenant: 'default',
  stepId: `step-${name}`,
  stepName: 'reserve',
  operationType: 'DO',
  attempt: 1,
  attemptToken: name,
  timeoutMs: 60_000,
  idempotencyKey: `key-${name}`,
  input: { guest: 'Ada', from: '2025-11-04T10:00:00.000Z' },
  outputs: {},
  lastError: null,
  undoing: null,
  ...given,
})
