import { TrailError } from '@steptrail/event'
import { describe, expect, it } from 'vitest'
import { isConnectionTrouble } from './connection-trouble.ts'

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code })

describe('isConnectionTrouble', () => {
  it.each([
    new TrailError('database_unreachable', 'away'),
    withCode('57P01'),
    withCode('57P03'),
    withCode('08006'),
    withCode('53300'),
    withCode('40001'),
    withCode('25006'),
    withCode('ECONNRESET'),
    withCode('EPIPE'),
    new Error('Connection terminated unexpectedly'),
    new Error('Client has encountered a connection error and is not queryable'),
  ])('is true of %s', (error) => {
    expect(isConnectionTrouble(error)).toBe(true)
  })

  it.each([
    new TrailError('feed_generation_changed', 'restored'),
    withCode('42P01'),
    withCode('ERR_INVALID_ARG_TYPE'),
    withCode('42501'),
    new TypeError('x is not a function'),
    'a text',
    undefined,
  ])('is false of %s', (error) => {
    expect(isConnectionTrouble(error)).toBe(false)
  })
})
