import { failed, SimulatedExecution, succeeded } from '@steptrail/testkit'
import { describe, expect, test } from 'vitest'
import type { StepDefinition, WorkflowDefinition } from './definition.ts'

const step = (
  name: string,
  after: readonly string[],
  more: Partial<StepDefinition> = {},
): StepDefinition => ({
  name,
  action: name,
  service: `${name}-service`,
  after,
  timeoutMs: 30_000,
  retry: { maxRetries: 3, backoff: { type: 'fixed', delayMs: 5_000 } },
  undo: 'handler',
  onFailure: 'rollback',
  when: null,
  output: {},
  ...more,
})

const workflow = (...steps: readonly StepDefinition[]): WorkflowDefinition => ({
  name: 'provision',
  version: '1',
  input: {},
  recordInput: false,
  steps,
})

const one = workflow(step('createClient', []))
const chain = workflow(
  step('createRealm', []),
  step('createClient', ['createRealm']),
  step('createUser', ['createClient']),
)

const started = (definition: WorkflowDefinition): SimulatedExecution => {
  const execution = new SimulatedExecution(definition)
  execution.start()
  return execution
}

const auditDigest: unknown = expect.stringMatching(/^[0-9a-f]{64}$/)

describe('the exact sequences', () => {
  test('1: the first attempt succeeds', () => {
    const execution = started(one)
    execution.perform('createClient', succeeded())
    expect(execution.story()).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED createClient DO',
      'STEP_SUCCESS createClient DO 0',
      'ORCHESTRATION_COMPLETED',
    ])
  })

  test('2: succeeds on the second retry', () => {
    const execution = started(one)
    for (let retry = 1; retry <= 2; retry += 1) {
      execution.perform('createClient', failed())
      execution.wake('createClient')
    }
    execution.perform('createClient', succeeded())
    expect(execution.story()).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED createClient DO',
      'STEP_FAILED createClient DO 0',
      'STEP_RETRY_TRIGGERED createClient DO 1',
      'STEP_FAILED createClient DO 1',
      'STEP_RETRY_TRIGGERED createClient DO 2',
      'STEP_SUCCESS createClient DO 2',
      'ORCHESTRATION_COMPLETED',
    ])
  })

  test('3: retries are exhausted, and completed steps are undone in reverse order', () => {
    const execution = started(chain)
    execution.perform('createRealm', succeeded())
    execution.perform('createClient', succeeded())
    for (let retry = 1; retry <= 3; retry += 1) {
      execution.perform('createUser', failed('name is taken'))
      execution.wake('createUser')
    }
    execution.perform('createUser', failed('name is taken'))
    execution.perform('createClient', succeeded(), { operation: 'UNDO' })
    execution.perform('createRealm', succeeded(), { operation: 'UNDO' })
    expect(execution.story()).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED createRealm DO',
      'STEP_SUCCESS createRealm DO 0',
      'STEP_STARTED createClient DO',
      'STEP_SUCCESS createClient DO 0',
      'STEP_STARTED createUser DO',
      'STEP_FAILED createUser DO 0',
      'STEP_RETRY_TRIGGERED createUser DO 1',
      'STEP_FAILED createUser DO 1',
      'STEP_RETRY_TRIGGERED createUser DO 2',
      'STEP_FAILED createUser DO 2',
      'STEP_RETRY_TRIGGERED createUser DO 3',
      'STEP_FAILED createUser DO 3',
      'ORCHESTRATION_FAILED',
      'ROLLBACK_TRIGGERED',
      'ROLLBACK_STARTED',
      'STEP_STARTED createClient UNDO',
      'STEP_SUCCESS createClient UNDO 0',
      'STEP_STARTED createRealm UNDO',
      'STEP_SUCCESS createRealm UNDO 0',
      'ROLLBACK_COMPLETED',
    ])
    const last = execution.events.findLast((event) => event.eventType === 'STEP_FAILED')
    expect(last).toMatchObject({
      reason: 'Retry exhausted after 3 attempts',
      details: { errorMessage: 'name is taken' },
    })
    expect(execution.events.find((event) => event.eventType === 'ORCHESTRATION_FAILED')).toMatchObject({
      reason: 'name is taken',
      details: { failedStep: 'createUser', errorMessage: 'name is taken' },
    })
    expect(execution.snapshot.status).toBe('failed')
  })

  test('sequence numbers are dense and timestamps strictly increase, even when the clock goes back', () => {
    const execution = started(chain)
    execution.perform('createRealm', succeeded(), { tookMs: 0 })
    execution.perform('createClient', failed(), { tookMs: -60_000 })
    const numbers = execution.events.map((event) => event.executionSeq)
    expect(numbers).toEqual(numbers.map((_, position) => position + 1))
    const instants = execution.events.map((event) => event.timestamp)
    expect(instants).toEqual([...new Set(instants)].toSorted((first, second) => first - second))
  })
})

describe('retries', () => {
  test('the next attempt is due exactly the recorded delay after the recorded instant', () => {
    const execution = started(one)
    execution.perform('createClient', failed())
    const retry = execution.events.at(-1)
    expect(retry?.details).toEqual({
      retryCount: 1,
      maxRetries: 3,
      backoffMs: 5_000,
      nextAttemptAt: new Date((retry?.timestamp ?? 0) + 5_000).toISOString(),
      message: 'Retry attempt 1 of 3',
    })
    expect(execution.step('createClient').notBefore).toBe((retry?.timestamp ?? 0) + 5_000)
    execution.now = (execution.step('createClient').notBefore ?? 0) - 1
    expect(execution.report({ kind: 'due', stepId: execution.step('createClient').stepId })).toEqual([])
  })

  test('without retries the reason is the error itself, not a phrase about retries', () => {
    const definition = workflow(
      step('createClient', [], {
        retry: { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1 } },
      }),
    )
    const execution = started(definition)
    execution.perform('createClient', failed('no such host'))
    expect(execution.events.find((event) => event.eventType === 'STEP_FAILED')?.reason).toBe('no such host')
  })

  test('a fatal error is the last attempt, whatever retries are left, and is its own reason', () => {
    const execution = started(one)
    execution.perform('createClient', {
      success: false,
      executionTimeMs: 1,
      error: { message: 'the account is closed', fatal: true },
    })
    expect(execution.story().slice(2, 4)).toEqual(['STEP_FAILED createClient DO 0', 'ORCHESTRATION_FAILED'])
    expect(execution.events[2]).toMatchObject({ reason: 'the account is closed', severity: 'error' })
  })

  test('a fatal error after retries does not claim that these were exhausted', () => {
    const execution = started(one)
    execution.perform('createClient', failed())
    execution.wake('createClient')
    execution.perform('createClient', {
      success: false,
      executionTimeMs: 1,
      error: { message: 'the account is closed', fatal: true },
    })
    const last = execution.events.findLast((event) => event.eventType === 'STEP_FAILED')
    expect(last).toMatchObject({ retryCount: 1, reason: 'the account is closed' })
  })

  test('an error that says when to try again sets the delay, and uses up a retry like any other', () => {
    const execution = started(one)
    const busy = {
      success: false,
      executionTimeMs: 1,
      error: { message: 'busy', retryAfterMs: 123 },
    } as const
    for (let retry = 1; retry <= 3; retry += 1) {
      execution.perform('createClient', busy)
      expect(execution.events.at(-1)).toMatchObject({ retryCount: retry, details: { backoffMs: 123 } })
      execution.wake('createClient')
    }
    execution.perform('createClient', busy)
    expect(execution.snapshot.status).toBe('failed')
  })

  test('an UNDO that fails is retried and recorded as a DO is, and ends in a failed rollback', () => {
    const execution = started(
      workflow(
        step('createRealm', []),
        step('createUser', ['createRealm'], {
          retry: { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1 } },
        }),
      ),
    )
    execution.perform('createRealm', succeeded())
    execution.perform('createUser', failed('taken'))
    for (let retry = 1; retry <= 3; retry += 1) {
      execution.perform('createRealm', failed('still in use'), { operation: 'UNDO' })
      execution.wake('createRealm', 'UNDO')
    }
    execution.perform('createRealm', failed('still in use'), { operation: 'UNDO' })
    expect(execution.story().slice(-9)).toEqual([
      'STEP_STARTED createRealm UNDO',
      'STEP_FAILED createRealm UNDO 0',
      'STEP_RETRY_TRIGGERED createRealm UNDO 1',
      'STEP_FAILED createRealm UNDO 1',
      'STEP_RETRY_TRIGGERED createRealm UNDO 2',
      'STEP_FAILED createRealm UNDO 2',
      'STEP_RETRY_TRIGGERED createRealm UNDO 3',
      'STEP_FAILED createRealm UNDO 3',
      'ROLLBACK_FAILED',
    ])
    expect(execution.events.at(-1)?.details).toEqual({
      rolledBackSteps: [],
      leftUndone: ['createRealm'],
      auditDigest,
    })
    expect(execution.snapshot.status).toBe('rollback_failed')
  })
})

describe('rollback', () => {
  test('a failure with nothing to undo still says that its rollback started and completed', () => {
    const execution = started(
      workflow(step('a', [], { retry: { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1 } } })),
    )
    execution.perform('a', failed())
    expect(execution.events.slice(-2).map(({ eventType, details }) => ({ eventType, details }))).toEqual([
      { eventType: 'ROLLBACK_STARTED', details: { stepsToRollback: [] } },
      { eventType: 'ROLLBACK_COMPLETED', details: { rolledBackSteps: [], auditDigest } },
    ])
  })

  test('a step without undo is skipped, and says so', () => {
    const execution = started(
      workflow(
        step('a', [], { undo: 'none' }),
        step('b', ['a'], { retry: { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1 } } }),
      ),
    )
    execution.perform('a', succeeded())
    execution.perform('b', failed())
    const skipped = execution.events.find((event) => event.eventType === 'STEP_SKIPPED')
    expect(skipped).toMatchObject({ stepName: 'a', operationType: 'UNDO', reason: 'no undo defined' })
    expect(execution.events.at(-1)?.details).toEqual({
      rolledBackSteps: [],
      skippedSteps: ['a'],
      auditDigest,
    })
  })

  test('a step whose outcome is unknown is undone too', () => {
    const definition = workflow(
      step('a', [], { retry: { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1 } } }),
    )
    const execution = started(definition)
    const { stepId } = execution.step('a')
    const attemptToken = execution.claim(stepId)
    const silence = { code: 'worker_lost', message: 'Worker w fell silent', reason: 'worker lost' } as const
    execution.report({ kind: 'silence', stepId, attemptToken, silence })
    expect(execution.events.find((event) => event.eventType === 'STEP_FAILED')).toMatchObject({
      reason: 'worker lost',
      actor: { type: 'system', id: 'clock' },
      details: { outcomeUnknown: true, errorCode: 'worker_lost' },
    })
    execution.perform('a', succeeded(), { operation: 'UNDO' })
    expect(execution.events.at(-1)?.details).toEqual({ rolledBackSteps: ['a'], auditDigest })
  })

  test('a sibling in flight is waited for, and undone when it succeeds after all', () => {
    const definition = workflow(
      step('root', []),
      step('left', ['root'], { retry: { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1 } } }),
      step('right', ['root']),
      step('join', ['left', 'right']),
    )
    const execution = started(definition)
    execution.perform('root', succeeded())
    const right = execution.step('right').stepId
    const token = execution.claim(right)
    execution.perform('left', failed())
    expect(execution.story()).not.toContain('ROLLBACK_STARTED')
    execution.reportResult(right, token, succeeded())
    expect(execution.events.at(-2)?.details).toEqual({ stepsToRollback: ['right', 'root'] })
    expect(execution.step('join').status).toBe('cancelled')
  })
})

describe('stale and repeated reports', () => {
  test('a result reported twice changes nothing the second time and is on record', () => {
    const execution = started(chain)
    const { stepId } = execution.step('createRealm')
    const token = execution.claim(stepId)
    execution.reportResult(stepId, token, succeeded())
    const before = execution.snapshot
    execution.reportResult(stepId, token, succeeded())
    expect(execution.events.at(-1)).toMatchObject({
      eventType: 'STEP_RESULT_REJECTED',
      serviceName: 'createRealm-service',
      details: { workerUuid: 'worker-1', attempt: 1, attemptToken: token, stepStatus: 'complete' },
    })
    expect(execution.snapshot.steps).toEqual(before.steps)
    expect(execution.snapshot.status).toBe(before.status)
  })

  test('a timeout that comes after the result changes nothing', () => {
    const execution = started(chain)
    const { stepId } = execution.step('createRealm')
    const attemptToken = execution.claim(stepId)
    execution.reportResult(stepId, attemptToken, succeeded())
    const silence = { code: 'timeout', message: 'too slow', reason: 'timeout' } as const
    expect(execution.report({ kind: 'silence', stepId, attemptToken, silence })).toEqual([])
  })
})

describe('what follows a step that failed for good', () => {
  const never = { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1 } } as const

  test('skip: the steps after it go on without it', () => {
    const execution = started(
      workflow(step('notify', [], { retry: never, onFailure: 'skip' }), step('charge', ['notify'])),
    )
    execution.perform('notify', failed('mail server is down'))
    expect(execution.events.at(-2)).toMatchObject({
      eventType: 'STEP_SKIPPED',
      stepName: 'notify',
      reason: 'failed for good, and the workflow goes on without it: mail server is down',
    })
    execution.perform('charge', succeeded())
    expect(execution.snapshot.status).toBe('completed')
  })

  test('block: it waits for an operator, and starts nothing new meanwhile', () => {
    const execution = started(
      workflow(
        step('charge', [], { retry: never, onFailure: 'block' }),
        step('pack', []),
        step('ship', ['pack']),
      ),
    )
    execution.perform('charge', failed('card was refused'))
    expect(execution.events.at(-1)).toMatchObject({
      eventType: 'ORCHESTRATION_BLOCKED',
      reason: 'card was refused',
      details: { step: 'charge' },
    })
    execution.perform('pack', succeeded())
    expect(execution.step('pack').status).toBe('complete')
    expect(execution.step('ship').status).toBe('pending')
    expect(execution.snapshot.status).toBe('blocked')
  })
})

describe('a step with a condition', () => {
  const onPro = {
    type: 'object',
    properties: { input: { type: 'object', properties: { plan: { const: 'pro' } }, required: ['plan'] } },
    required: ['input'],
  }
  const definition = workflow(step('bill', [], { when: onPro }), step('greet', ['bill']))

  test('runs when input and outputs fit it', () => {
    const execution = new SimulatedExecution(definition, { plan: 'pro' })
    execution.start()
    expect(execution.step('bill').status).toBe('enqueued')
  })

  test('is skipped when they do not, and the steps after it go on', () => {
    const execution = new SimulatedExecution(definition, { plan: 'free' })
    execution.start()
    expect(execution.events[1]).toMatchObject({
      eventType: 'STEP_SKIPPED',
      stepName: 'bill',
      reason: 'condition not met',
    })
    execution.perform('greet', succeeded())
    expect(execution.snapshot.status).toBe('completed')
  })
})
