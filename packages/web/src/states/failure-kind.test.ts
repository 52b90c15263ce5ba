import { TrailError } from '@steptrail/client'
import { describe, expect, it } from 'vitest'
import { failureKind } from './failure-kind.ts'

const answered = (code: TrailError['code'], status: number) =>
  new TrailError(code, 'as the test says', { details: { status } })

describe('the kind of a failure', () => {
  it('is about the key only where the server itself refused it', () => {
    expect(failureKind(answered('access_denied', 403))?.title).toBe('This key may not do that')
    expect(failureKind(answered('unauthenticated', 401))?.title).toBe('The server asks for a key')
    for (const status of [0, 401, 403])
      expect(failureKind(answered('server_unreachable', status))?.title).toBe(
        'Something before the server refused this',
      )
  })

  it('is that nobody answers for a proxy whose server is away, and for no answer at all', () => {
    expect(failureKind(answered('server_unreachable', 502))?.title).toBe('The server does not answer')
    expect(failureKind(new TrailError('server_unreachable', 'no answer'))?.title).toBe(
      'The server does not answer',
    )
  })

  it('is not told where the server says something against the request itself', () => {
    expect(failureKind(answered('invalid_input', 400))).toBeUndefined()
    expect(failureKind(answered('audit_conflict', 409))).toBeUndefined()
  })

  it('is a fault of the pages for any other error', () => {
    expect(failureKind(new TypeError('x is not a function'))?.title).toBe('Something went wrong')
  })
})
