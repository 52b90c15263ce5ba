import { SimulatedExecution, succeeded } from '@steptrail/testkit'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from './define.ts'

const step = { service: 'realm-service', output: z.object({ id: z.string() }) } as const
const { definition } = defineWorkflow({
  name: 'provision',
  version: '1',
  input: z.object({}),
  steps: { createRealm: { ...step, after: [] }, createClient: { ...step, after: ['createRealm'] } },
})

describe('a failure that does not say what the attempt did', () => {
  test.each([
    ['the output was refused', 'invalid_output'],
    ['the handler passed on that it was told to stop', 'attempt_aborted'],
  ])('leaves an unknown outcome, its step is undone like one that completed: %s', (_, code) => {
    const execution = new SimulatedExecution(definition)
    execution.start()
    execution.perform('createRealm', succeeded())
    execution.perform('createClient', {
      success: false,
      executionTimeMs: 1,
      error: { message: 'no', code, fatal: true },
    })
    expect(execution.step('createClient')).toMatchObject({ status: 'error', outcomeUnknown: true })
    expect(execution.events.findLast(({ eventType }) => eventType === 'STEP_FAILED')?.details).toMatchObject({
      outcomeUnknown: true,
    })
    expect(execution.transitions.at(-1)?.to).toBe('enqueued')
    expect(execution.transitions.find(({ to }) => to === 'error')?.metadata).toMatchObject({
      outcome_unknown: true,
    })
    expect(execution.snapshot.rollbackPlan).toEqual(['createClient', 'createRealm'])
  })
})
