import { TrailError } from '@steptrail/event'
import { expect, it } from 'vitest'
import { reasonOf } from './reason-of.ts'

it.each([
  ['a known error', new TrailError('log_not_begun', 'there is no log')],
  [
    'a refusal of the database',
    Object.assign(new Error('cannot execute INSERT in a read-only transaction'), {
      code: '25006',
      severity: 'ERROR',
    }),
  ],
  [
    'a refusal of the system',
    Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open' }),
  ],
  ['a lost connection', new Error('Connection terminated unexpectedly')],
])('the reason of %s is told in a line', (_name, cause) => {
  expect(reasonOf(cause)).toBe(cause.message)
})

it.each([
  ['a fault', new TypeError('x is not a function')],
  [
    'a call of Node that is wrong',
    Object.assign(new TypeError('The "path" argument must be of type string'), {
      code: 'ERR_INVALID_ARG_TYPE',
    }),
  ],
  [
    'what has no message',
    Object.assign(new AggregateError([]), { code: 'ECONNREFUSED', syscall: 'connect' }),
  ],
])('the reason of %s comes with where it happened', (_name, cause) => {
  expect(reasonOf(cause)).toContain(import.meta.filename)
})
