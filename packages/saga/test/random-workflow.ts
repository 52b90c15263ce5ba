import { randomUUID } from 'node:crypto'
import type { StepDefinition, WorkflowDefinition } from '@steptrail/workflow'
import * as fc from 'fast-check'

const needsFlag = {
  type: 'object',
  properties: { input: { type: 'object', properties: { flag: { const: true } }, required: ['flag'] } },
} as const

/** A graph of one to five steps, each with its retries, condition, undo and rule for failure; its name is its own. */
export const workflows: fc.Arbitrary<WorkflowDefinition> = fc
  .array(
    fc.record({
      before: fc.array(fc.nat(10), { maxLength: 3 }),
      maxRetries: fc.nat(2),
      undo: fc.constantFrom('handler' as const, 'handler' as const, 'none' as const),
      onFailure: fc.constantFrom('rollback' as const, 'rollback' as const, 'block' as const, 'skip' as const),
      isConditional: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((shapes) => ({
    name: `random-${randomUUID()}`,
    version: '1',
    input: {},
    recordInput: false,
    steps: shapes.map((shape, index): StepDefinition => {
      const earlier = index === 0 ? [] : shape.before.map((position) => `step-${position % index}`)
      return {
        name: `step-${index}`,
        action: `step-${index}`,
        service: 'service',
        after: [...new Set(earlier)],
        timeoutMs: 15_000,
        retry: {
          maxRetries: shape.maxRetries,
          backoff: { type: 'exponential', initialMs: 1_000, factor: 2, maxMs: 8_000, jitter: 0.5 },
        },
        onFailure: shape.onFailure,
        when: shape.isConditional ? needsFlag : null,
        undo: shape.undo,
        output: {},
      }
    }),
  }))
