import { expect, test } from 'vitest'
import { errorCodes, TrailError } from './error.ts'

test('an error carries its code, details and cause', () => {
  const cause = new Error('below')
  const error = new TrailError('invalid_event', 'event refused', { details: { path: 'id' }, cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({
    name: 'TrailError',
    code: 'invalid_event',
    message: 'event refused',
    details: { path: 'id' },
  })
  expect(error.cause).toBe(cause)
})

test('without options it has no details and no cause', () => {
  const error = new TrailError('append_only', 'refused')
  expect(error.details).toEqual({})
  expect('cause' in error).toBe(false)
})

test.each(Object.entries(errorCodes))('%s says what it means and what to do, in sentences', (code, entry) => {
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/)
  expect(entry.title).toMatch(/^[A-Z].*[^.]$/)
  expect(entry.meaning).toMatch(/^[A-Z].*\.$/)
  expect(entry.action).toMatch(/^[A-Z].*\.$/)
})
