import { TrailError } from '@steptrail/event'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { workflowLimits } from './limits.ts'
import { reportedError } from './reported-error.ts'

const reported = (thrown: unknown, recordStack = false): ReturnType<typeof reportedError> =>
  reportedError(thrown, { recordStack })

const hostile = new Proxy(new Error('x'), {
  get: () => {
    throw new Error('no')
  },
  getPrototypeOf: () => {
    throw new Error('no')
  },
})

const refused = Object.assign(new Error('connect ECONNREFUSED ::1:80'), { code: 'ECONNREFUSED' })
const causedBy = (message: string, cause: unknown): Error => new TypeError(message, { cause })

describe('a reported error', () => {
  test('has the message, and code and reason where the error has them as text', () => {
    const error = Object.assign(new Error('duplicate key'), { code: '23505', reason: 'The name is taken.' })
    expect(reported(error)).toEqual({ message: 'duplicate key', code: '23505', reason: 'The name is taken.' })
    expect(reported(Object.assign(new Error('m'), { code: 20, reason: { a: 1 } }))).toEqual({ message: 'm' })
    expect(reported(new TrailError('invalid_output', 'm'))).toEqual({ message: 'm', code: 'invalid_output' })
  })

  test('has the stack only when that is asked for', () => {
    const error = new Error('m')
    expect(reported(error)).not.toHaveProperty('stack')
    expect(reported(error, true).stack).toBe(error.stack)
  })

  test.each([
    ['a text', 'x', 'x'],
    ['an empty text', '', 'an empty text was thrown'],
    ['undefined', undefined, 'undefined was thrown'],
    ['null', null, 'null was thrown'],
    ['a number', 5, '5 was thrown'],
    ['a bigint', 5n, '5 was thrown'],
    ['a symbol', Symbol('s'), 'Symbol(s) was thrown'],
    ['a plain object', { a: 1 }, 'an object without a message was thrown'],
    ['an object with a message', { message: 'm' }, 'm'],
    ['an object without prototype', Object.create(null), 'an object without a message was thrown'],
    ['a function', () => 1, 'a function was thrown'],
    ['a function that throws when it is read', throwingFunction(), 'a function was thrown'],
    ['an error without a message', new TypeError(' '), 'TypeError'],
    [
      'a refused connection',
      Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
      'AggregateError ECONNREFUSED',
    ],
    ['an object that throws when it is read', hostile, 'an object without a message was thrown'],
    ['a revoked proxy', revoked(), 'an object without a message was thrown'],
  ])('says of %s what it can', (_, thrown, message) => {
    expect(reported(thrown, true).message).toBe(message)
  })

  test.each([
    ['a request that failed', causedBy('fetch failed', refused), 'fetch failed: connect ECONNREFUSED ::1:80'],
    ['a cause that is a text', causedBy('m', 'why'), 'm: why'],
    ['a cause that it names already', causedBy('m: why', new Error('why')), 'm: why'],
    ['a cause of a cause', causedBy('a', causedBy('b', new Error('c'))), 'a: b: c'],
    ['a cause that is its own', ownCause(), 'm'],
    [
      'one made of several',
      new AggregateError([new Error('a'), refused], 'm'),
      'm: a: connect ECONNREFUSED ::1:80',
    ],
    ['a cause that throws when it is read', causedBy('m', hostile), 'm'],
    [
      'very many',
      new AggregateError(
        Array.from({ length: 9 }, (_, n) => new Error(`${n}`)),
        'm',
      ),
      'm: 0: 1: 2: 3: 4',
    ],
  ])('tells what %s was caused by', (_, thrown, message) => {
    expect(reported(thrown).message).toBe(message)
  })

  test('has the code of its nearest cause where it has none itself', () => {
    expect(reported(causedBy('fetch failed', refused)).code).toBe('ECONNREFUSED')
    expect(reported(new TrailError('invalid_output', 'm', { cause: refused })).code).toBe('invalid_output')
  })

  test('is cut to the limits, with an ellipsis', () => {
    const long = 'x'.repeat(100_000)
    const error = Object.assign(new Error(long), { code: long, reason: long, stack: long })
    const { message, code, reason, stack } = reported(error, true)
    expect(message).toBe(`${'x'.repeat(workflowLimits.errorTextLength - 1)}…`)
    expect(reason).toBe(message)
    expect(code).toHaveLength(workflowLimits.errorCodeLength)
    expect(stack).toHaveLength(workflowLimits.errorStackLength)
    expect(reported(long).message).toBe(message)
    expect(reported(new Error('x'.repeat(workflowLimits.errorTextLength))).message).not.toContain('…')
  })

  test('can be stored, whatever was thrown', () => {
    const odd = '\0\uD800' + 'y'.repeat(workflowLimits.errorTextLength - 4) + '😀😀'
    const { message } = reported(new Error(odd))
    expect(message.isWellFormed()).toBe(true)
    expect(message).not.toContain('\0')
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (thrown) => {
        const { message: text } = reported(thrown)
        expect(text.length).toBeGreaterThan(0)
        expect(text.length).toBeLessThanOrEqual(workflowLimits.errorTextLength)
        expect(text.isWellFormed()).toBe(true)
      }),
    )
  })
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

function ownCause(): Error {
  const error = new Error('m')
  error.cause = error
  return error
}

function throwingFunction(): () => void {
  const toString = (): never => {
    throw new Error('no')
  }
  return Object.assign(() => {}, { toString })
}
