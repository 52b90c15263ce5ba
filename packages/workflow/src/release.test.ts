import { SimulatedExecution, succeeded } from '@steptrail/testkit'
import { describe, expect, test } from 'vitest'
import type { StepDefinition } from './definition.ts'

const step = (name: string, after: readonly string[]): StepDefinition => ({
  name,
  action: name,
  service: 'service',
  after,
  timeoutMs: 30_000,
  retry: { maxRetries: 3, backoff: { type: 'fixed', delayMs: 5_000 } },
  undo: 'handler',
  onFailure: 'rollback',
  when: null,
  output: {},
})

const started = (...steps: readonly StepDefinition[]): SimulatedExecution => {
  const execution = new SimulatedExecution({
    name: 'provision',
    version: '1',
    input: {},
    recordInput: false,
    steps,
  })
  execution.start()
  return execution
}

/** A worker claims the step and gives it back. */
function release(execution: SimulatedExecution, name: string, { hasBegun }: { hasBegun: boolean }): void {
  const { stepId } = execution.step(name)
  const attemptToken = execution.claim(stepId)
  execution.report({ kind: 'release', stepId, attemptToken, workerUuid: 'worker-1', hasBegun })
}

const plan = ({ events }: SimulatedExecution) =>
  events.find((event) => event.eventType === 'ROLLBACK_STARTED')?.details['stepsToRollback']

describe('a step that a worker gives back', () => {
  test('has the attempt not counted', () => {
    const execution = started(step('createClient', []))
    release(execution, 'createClient', { hasBegun: false })
    expect(execution.step('createClient')).toMatchObject({ status: 'enqueued', attempt: 0 })
    execution.perform('createClient', succeeded())
    expect(execution.events.find((event) => event.eventType === 'STEP_SUCCESS')?.retryCount).toBe(0)
  })

  test.each([
    ['after it had begun is undone, though the next attempt failed for good', true, ['createClient']],
    ['before it had begun is not undone', false, []],
  ])('%s', (_, hasBegun, undone) => {
    const execution = started(step('createClient', []))
    release(execution, 'createClient', { hasBegun })
    const error = { message: 'No such realm', fatal: true } as const
    execution.perform('createClient', { success: false, executionTimeMs: 1, error })
    expect(plan(execution)).toEqual(undone)
  })

  test('after it had begun is undone before what it came after', () => {
    const execution = started(step('createRealm', []), step('createClient', ['createRealm']))
    execution.perform('createRealm', succeeded())
    release(execution, 'createClient', { hasBegun: true })
    const actor = { type: 'user', id: 'anna' } as const
    const order = { action: 'cancel', rollback: true } as const
    execution.report({ kind: 'operator', order, actor, reason: 'ticket 7', approvedBy: null })
    expect(plan(execution)).toEqual(['createClient', 'createRealm'])
  })
})
