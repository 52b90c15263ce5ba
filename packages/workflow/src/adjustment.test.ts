import { SimulatedExecution, failed, succeeded } from '@steptrail/testkit'
import { describe, expect, test } from 'vitest'
import type { Adjustment } from './adjustment.ts'
import type { StepDefinition } from './definition.ts'

const step = (name: string, after: readonly string[]): StepDefinition => ({
  name,
  action: name,
  service: 'service',
  after,
  timeoutMs: 30_000,
  retry: { maxRetries: 1, backoff: { type: 'fixed', delayMs: 1_000 } },
  undo: 'handler',
  onFailure: 'rollback',
  when: null,
  output: {},
})

function working() {
  const execution = new SimulatedExecution({
    name: 'scale',
    version: '1',
    input: {},
    recordInput: false,
    steps: [step('drain', []), step('notify', ['drain'])],
  })
  execution.start()
  const { stepId } = execution.step('drain')
  const attemptToken = execution.claim(stepId)
  const adjust = (adjustment: Adjustment, token = attemptToken) =>
    execution.report({
      kind: 'adjust',
      adjustment,
      by: { stepId, attemptToken: token, workerUuid: 'worker-1' },
    })
  return { execution, adjust, stepId, attemptToken }
}

describe('an adjustment by a handler', () => {
  test('of its timeout is on record, with what was before, and changes the step', () => {
    const { execution, adjust } = working()
    adjust({ type: 'timeout', timeoutMs: 90_000, reason: 'large node' })
    expect(execution.events.at(-1)).toMatchObject({
      eventType: 'ADAPTIVE_ADJUSTMENT',
      stepName: 'drain',
      operationType: 'DO',
      actor: { type: 'worker', id: 'worker-1' },
      reason: 'large node',
      details: { adjustmentType: 'timeout', stepNumber: 1, from: 30_000, to: 90_000 },
    })
    expect(execution.step('drain')).toMatchObject({ timeoutMs: 90_000, status: 'in_progress' })
  })

  test('of its retries gives it as many', () => {
    const { execution, adjust, stepId, attemptToken } = working()
    adjust({ type: 'retry', maxRetries: 0, reason: 'a second drain would hurt' })
    execution.reportResult(stepId, attemptToken, failed())
    expect(execution.snapshot.status).toBe('failed')
  })

  test('may do without a step that has not begun', () => {
    const { execution, adjust, stepId, attemptToken } = working()
    adjust({ type: 'skip', step: 'notify', reason: 'nobody to notify' })
    expect(execution.story().slice(-2)).toEqual(['ADAPTIVE_ADJUSTMENT notify DO', 'STEP_SKIPPED notify DO'])
    execution.reportResult(stepId, attemptToken, succeeded())
    expect(execution.snapshot.status).toBe('completed')
  })

  test.each<[string, Adjustment, RegExp]>([
    ['without a reason', { type: 'retry', maxRetries: 1, reason: ' ' }, /say why/],
    [
      'whose reason cannot be stored',
      { type: 'retry', maxRetries: 1, reason: 'a\u0000b' },
      /reason holds U\+0000/,
    ],
    ['beyond the limits', { type: 'timeout', timeoutMs: 0, reason: 'x' }, /timeoutMs is 0/],
    ['of an unknown step', { type: 'skip', step: 'nope', reason: 'x' }, /no step nope/],
    ['that skips a step under way', { type: 'skip', step: 'drain', reason: 'x' }, /drain is in_progress/],
  ])('%s is refused, and nothing is on record', (_, adjustment, message) => {
    const { execution, adjust } = working()
    const { length } = execution.events
    expect(() => adjust(adjustment)).toThrow(message)
    expect(execution.events).toHaveLength(length)
  })

  test('whose attempt is no longer held is refused', () => {
    const { adjust } = working()
    expect(() => adjust({ type: 'retry', maxRetries: 9, reason: 'x' }, 'another')).toThrow(/no longer held/)
  })
})

test('an adjustment of an execution that has ended is refused, so that its last event stays its end', () => {
  const { execution, stepId, attemptToken } = working()
  execution.reportResult(stepId, attemptToken, {
    success: false,
    executionTimeMs: 1,
    error: { message: 'No such node', fatal: true },
  })
  expect(execution.snapshot.status).toBe('failed')
  expect(() =>
    execution.report({
      kind: 'adjust',
      adjustment: { type: 'retry', step: 'drain', maxRetries: 5, reason: 'x' },
      by: { actor: { type: 'user', id: 'olga' } },
    }),
  ).toThrow(/it is failed/)
  expect(execution.events.at(-1)?.eventType).toBe('ROLLBACK_COMPLETED')
})
