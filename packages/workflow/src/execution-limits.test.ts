import { failed, SimulatedExecution, succeeded } from '@steptrail/testkit'
import { describe, expect, test } from 'vitest'
import type { StepDefinition } from './definition.ts'
import { workflowLimits } from './limits.ts'

const name = (index: number): string => `${index}`.padStart(100, 's')

const started = (names: readonly string[]): SimulatedExecution => {
  const steps = names.map((each): StepDefinition => ({
    name: each,
    action: each,
    service: 'service',
    after: [],
    timeoutMs: 30_000,
    retry: { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1 } },
    undo: 'handler',
    onFailure: 'rollback',
    when: null,
    output: {},
  }))
  const execution = new SimulatedExecution({
    name: 'wide',
    version: '1',
    input: {},
    recordInput: false,
    steps,
  })
  execution.start()
  return execution
}

describe('limits of an execution', () => {
  test('an output that is too much with those of the others fails its attempt', () => {
    const { outputBytes, outputsBytes } = workflowLimits
    const count = outputsBytes / outputBytes
    const names = Array.from({ length: count + 1 }, (_, index) => name(index))
    const execution = started(names)
    const output = 'x'.repeat(outputBytes - 2)
    for (const each of names.slice(0, count)) execution.perform(each, succeeded(output))
    execution.perform(name(count), succeeded(''))
    expect(execution.step(name(count))).toMatchObject({
      status: 'error',
      outcomeUnknown: true,
      lastError: `The output cannot be stored: the outputs of the execution would take ${outputsBytes + 2} bytes with it, and ${outputsBytes} are allowed`,
    })
    expect(execution.step(name(0))).toMatchObject({ status: 'complete' })
  })

  test('a rollback that fails with very many steps left names some in its reason, and all in its details', () => {
    const names = Array.from({ length: workflowLimits.steps }, (_, index) => name(index))
    const execution = started(names)
    for (const each of names.slice(1)) execution.perform(each, succeeded())
    execution.perform(name(0), failed())
    execution.perform(name(499), failed(), { operation: 'UNDO' })
    const event = execution.events.at(-1)
    expect(event).toMatchObject({ eventType: 'ROLLBACK_FAILED' })
    expect(event?.reason).toMatch(/^Left undone: .* and 449 more$/)
    expect(event?.details['leftUndone']).toEqual(names.slice(1).toReversed())
  })
})
