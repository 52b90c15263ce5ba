import { TrailError } from '@steptrail/event'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { booking, claimOf } from '../test/booking.ts'
import { defineWorkflow } from './define.ts'
import { Implementations, type UntypedHandler } from './implementations.ts'

const handler = { do: () => null, undo: () => null }
const greet = { do: () => null }
type Given = Readonly<Record<string, UntypedHandler>>

const add = (handlers: unknown, service = 'desk'): Implementations => {
  const implementations = new Implementations(service)
  implementations.add(booking, handlers as Given)
  return implementations
}

test('an implementation is found by workflow, version and step', () => {
  const implementations = add({ reserve: handler, greet })
  expect(implementations.find(claimOf('a'))).toEqual({
    workflow: booking,
    output: booking.steps.reserve.output,
    handler,
  })
  expect(implementations.find(claimOf('a', { stepName: 'greet' }))?.handler).toBe(greet)
  for (const other of [{ workflowName: 'other' }, { workflowVersion: '1' }, { stepName: 'pay' }])
    expect(implementations.find(claimOf('a', other))).toBeUndefined()
})

test('a worker says which steps it implements, and by which definitions', () => {
  const implementations = add({ reserve: handler, greet })
  expect(implementations.definitions).toEqual([booking.definition])
  expect(implementations.list).toEqual([
    { workflowName: 'booking', workflowVersion: '2', stepName: 'reserve' },
    { workflowName: 'booking', workflowVersion: '2', stepName: 'greet' },
  ])
})

test('several workflows may be implemented, and several versions of one', () => {
  const { name, input, steps } = booking
  const later = defineWorkflow({ name, version: '3', input, steps: { reserve: steps.reserve } })
  const implementations = add({ reserve: handler, greet })
  implementations.add(later, { reserve: handler })
  expect(implementations.list).toHaveLength(3)
  expect(implementations.find(claimOf('a', { workflowVersion: '3' }))?.workflow).toBe(later)
})

describe('handlers are refused', () => {
  test.each<[string, unknown, RegExp]>([
    ['a missing step', { reserve: handler }, /step greet has no do/],
    ['a missing do', { reserve: { undo: handler.undo }, greet }, /step reserve has no do/],
    [
      'a missing undo',
      { reserve: greet, greet },
      /step reserve has no undo: give a function, or say undo: 'none'/,
    ],
    [
      'an undo where there is none',
      { reserve: handler, greet: handler },
      /step greet has an undo that would never be called/,
    ],
    [
      'a step of another service',
      { reserve: handler, greet, pay: handler },
      /desk has no step pay: its steps are reserve, greet/,
    ],
    ['a step inherited from somewhere', Object.create({ reserve: handler, greet }), /step reserve has no do/],
  ])('for %s', (_, handlers, message) => {
    expect(() => add(handlers)).toThrow(message)
    expect(() => add(handlers)).toThrow(TrailError)
  })

  test('for a workflow without steps of the service', () => {
    expect(() => add({}, 'kitchen')).toThrow(
      /cannot implement workflow booking 2: it has no step of service kitchen/,
    )
  })

  test('for a workflow that is implemented already', () => {
    const implementations = add({ reserve: handler, greet })
    expect(() => implementations.add(booking, { reserve: handler, greet })).toThrow(/implements it already/)
  })

  test('for a workflow whose definition and specification differ', () => {
    const other = defineWorkflow({
      name: 'booking',
      version: '9',
      input: booking.input,
      steps: { wake: { service: 'desk', output: z.null() } },
    })
    const mixed = { ...booking, steps: other.steps }
    expect(() => new Implementations('desk').add(mixed, { reserve: handler, greet })).toThrow(
      /a step reserve that its specification has not/,
    )
  })
})
