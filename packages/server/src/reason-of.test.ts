import { TrailError } from '@steptrail/event'
import { expect, it } from 'vitest'
import { reasonOf } from './reason-of.ts'

it.each([
  ['a known error', new TrailError('log_not_begun', 'there is no log')],
  [
    'a refusal of the database',
    Object.assign(new Error('cannot execute INSERT in a read-only transaction'), { code: '25006' }),
  ],
  ['a lost connection', new Error('Connection terminated unexpectedly')],
])('the reason of %s is told in a line', (_name, cause) => {
  expect(reasonOf(cause)).toBe(cause.message)
})

it('the reason of a fault comes with where it happened', () => {
  expect(reasonOf(new TypeError('x is not a function'))).toContain(import.meta.filename)
})
