import { failed, SimulatedExecution, succeeded } from '@steptrail/testkit'
import { describe, expect, test } from 'vitest'
import type { StepDefinition } from './definition.ts'
import type { Order } from './operator.ts'

const never = { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1_000 } } as const
const twice = { maxRetries: 2, backoff: { type: 'fixed', delayMs: 1_000 } } as const

const step = (
  name: string,
  after: readonly string[],
  more: Partial<StepDefinition> = {},
): StepDefinition => ({
  name,
  action: name,
  service: 'service',
  after,
  timeoutMs: 30_000,
  retry: never,
  undo: 'handler',
  onFailure: 'rollback',
  when: null,
  output: {},
  ...more,
})

const started = (...steps: readonly StepDefinition[]): SimulatedExecution => {
  const execution = new SimulatedExecution({
    name: 'order',
    version: '1',
    input: {},
    recordInput: false,
    steps,
  })
  execution.start()
  return execution
}

const alice = { type: 'user', id: 'alice' } as const
const give = (execution: SimulatedExecution, order: Order) =>
  execution.report({ kind: 'operator', order, actor: alice, reason: 'ticket 7', approvedBy: null })
const last = (execution: SimulatedExecution, eventType: string) =>
  execution.events.findLast((event) => event.eventType === eventType)

describe('retry', () => {
  test('gives a blocked step one more attempt, with the new limit on record', () => {
    const execution = started(step('charge', [], { onFailure: 'block' }), step('ship', ['charge']))
    execution.perform('charge', failed('refused'))
    give(execution, { action: 'retry', stepId: execution.step('charge').stepId })
    expect(last(execution, 'STEP_RETRY_REQUESTED')).toMatchObject({
      stepName: 'charge',
      operationType: 'DO',
      actor: alice,
      reason: 'ticket 7',
      details: {
        action: 'retry',
        before: { status: 'error', attempt: 1 },
        after: { status: 'enqueued' },
        maxRetries: 1,
      },
    })
    expect(execution.snapshot.status).toBe('running')
    expect(execution.step('charge')).toMatchObject({ status: 'enqueued', maxRetries: 1, completedAt: null })
    execution.perform('charge', failed('refused again'))
    expect(execution.snapshot.status).toBe('blocked')
    give(execution, { action: 'retry', stepId: execution.step('charge').stepId })
    execution.perform('charge', succeeded())
    execution.perform('ship', succeeded())
    expect(execution.snapshot.status).toBe('completed')
    expect(last(execution, 'STEP_SUCCESS')).toBeDefined()
  })

  test('does not wait for the back-off, nor change the limit, of a step that waits for its retry', () => {
    const execution = started(step('charge', [], { retry: twice }))
    execution.perform('charge', failed())
    give(execution, { action: 'retry', stepId: execution.step('charge').stepId })
    expect(execution.step('charge')).toMatchObject({ status: 'enqueued', maxRetries: 2, notBefore: null })
  })

  test('is refused for a step that is neither failed nor waiting', () => {
    const execution = started(step('charge', []))
    expect(() => give(execution, { action: 'retry', stepId: execution.step('charge').stepId })).toThrow(
      /step DO charge is enqueued/,
    )
  })
})

describe('skip and resolve', () => {
  test('a blocked execution goes on without a skipped step', () => {
    const execution = started(step('charge', [], { onFailure: 'block' }), step('ship', ['charge']))
    execution.perform('charge', failed('refused'))
    give(execution, { action: 'skip', stepId: execution.step('charge').stepId })
    expect(last(execution, 'STEP_SKIPPED')).toMatchObject({ actor: alice, reason: 'ticket 7' })
    expect(execution.step('ship').status).toBe('enqueued')
  })

  test('a resolved step hands on the output that was given', () => {
    const execution = started(step('charge', [], { onFailure: 'block' }), step('ship', ['charge']))
    execution.perform('charge', failed('refused'))
    give(execution, {
      action: 'resolve',
      stepId: execution.step('charge').stepId,
      output: { receipt: 'by hand' },
    })
    expect(last(execution, 'STEP_RESOLVED')).toMatchObject({
      actor: alice,
      reason: 'ticket 7',
      details: { before: { status: 'error' }, after: { status: 'resolved_manually' } },
    })
    expect(execution.step('charge')).toMatchObject({ output: { receipt: 'by hand' } })
    expect(execution.step('ship').status).toBe('enqueued')
  })

  test('the result of a worker that still works on a resolved step is refused', () => {
    const execution = started(step('charge', []))
    const { stepId } = execution.step('charge')
    const token = execution.claim(stepId)
    give(execution, { action: 'resolve', stepId, output: null })
    execution.reportResult(stepId, token, succeeded())
    expect(execution.events.at(-1)?.eventType).toBe('STEP_RESULT_REJECTED')
  })
})

describe('pause and resume', () => {
  test('what is under way ends, nothing new starts, and all goes on after the resume', () => {
    const execution = started(step('pack', []), step('ship', ['pack']))
    give(execution, { action: 'pause' })
    expect(last(execution, 'ORCHESTRATION_PAUSED')).toMatchObject({
      actor: alice,
      reason: 'ticket 7',
      details: { action: 'pause', before: 'running', after: 'paused' },
    })
    execution.perform('pack', succeeded())
    expect(execution.step('ship').status).toBe('pending')
    give(execution, { action: 'resume' })
    expect(execution.step('ship').status).toBe('enqueued')
    expect(last(execution, 'ORCHESTRATION_RESUMED')).toMatchObject({ actor: alice, reason: 'ticket 7' })
  })

  test('a retry that falls due during a pause waits for its end', () => {
    const execution = started(step('pack', [], { retry: twice }))
    execution.perform('pack', failed())
    give(execution, { action: 'pause' })
    execution.wake('pack')
    expect(execution.step('pack').status).toBe('waiting_for_retry')
    give(execution, { action: 'resume' })
    execution.wake('pack')
    expect(execution.step('pack').status).toBe('enqueued')
  })

  test('only a running execution is paused, only a paused one resumed', () => {
    const execution = started(step('pack', []))
    expect(() => give(execution, { action: 'resume' })).toThrow(/it is running, not paused/)
    execution.perform('pack', succeeded())
    expect(() => give(execution, { action: 'pause' })).toThrow(/it is completed, not running/)
  })
})

describe('cancel', () => {
  test('without rollback: nothing is undone, and the cancel is the last event', () => {
    const execution = started(step('pack', []), step('ship', ['pack']))
    execution.perform('pack', succeeded())
    const { stepId } = execution.step('ship')
    const token = execution.claim(stepId)
    give(execution, { action: 'cancel', rollback: false })
    expect(execution.snapshot.status).toBe('cancelled')
    expect(execution.events.at(-1)).toMatchObject({
      eventType: 'ORCHESTRATION_CANCELLED',
      actor: alice,
      reason: 'ticket 7',
      details: { before: 'running', after: 'cancelled' },
    })
    execution.reportResult(stepId, token, succeeded())
    expect(execution.step('ship').status).toBe('cancelled')
  })

  test('with rollback: what is in flight is waited for, what was done is undone, and it ends cancelled', () => {
    const execution = started(step('pack', []), step('ship', ['pack']))
    execution.perform('pack', succeeded())
    const { stepId } = execution.step('ship')
    const token = execution.claim(stepId)
    give(execution, { action: 'cancel', rollback: true })
    expect(execution.story().slice(-2)).toEqual(['ORCHESTRATION_CANCELLED', 'ROLLBACK_TRIGGERED'])
    execution.reportResult(stepId, token, succeeded())
    expect(last(execution, 'ROLLBACK_STARTED')?.details).toEqual({ stepsToRollback: ['ship', 'pack'] })
    execution.perform('ship', succeeded(), { operation: 'UNDO' })
    execution.perform('pack', succeeded(), { operation: 'UNDO' })
    expect(execution.events.at(-1)?.eventType).toBe('ROLLBACK_COMPLETED')
    expect(execution.snapshot.status).toBe('cancelled')
  })
})

describe('a rollback that failed', () => {
  const broken = (): SimulatedExecution => {
    const execution = started(step('pack', []), step('ship', ['pack']), step('bill', ['ship']))
    execution.perform('pack', succeeded())
    execution.perform('ship', succeeded())
    execution.perform('bill', failed('no'))
    execution.perform('ship', failed('already gone'), { operation: 'UNDO' })
    expect(execution.snapshot.status).toBe('rollback_failed')
    return execution
  }

  test('is taken up again, and ends anew', () => {
    const execution = broken()
    give(execution, { action: 'retry-rollback' })
    expect(execution.snapshot.status).toBe('rolling_back')
    execution.perform('ship', succeeded(), { operation: 'UNDO' })
    execution.perform('pack', succeeded(), { operation: 'UNDO' })
    expect(execution.events.at(-1)).toMatchObject({
      eventType: 'ROLLBACK_COMPLETED',
      details: { rolledBackSteps: ['ship', 'pack'] },
    })
    expect(execution.snapshot.status).toBe('failed')
  })

  test('goes on after its step was resolved by hand', () => {
    const execution = broken()
    give(execution, {
      action: 'resolve',
      stepId: execution.step('ship', 'UNDO').stepId,
      output: null,
    })
    execution.perform('pack', succeeded(), { operation: 'UNDO' })
    expect(execution.snapshot.status).toBe('failed')
  })
})
