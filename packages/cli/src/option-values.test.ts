import { describe, expect, it } from 'vitest'
import { run } from '../test/run.ts'
import { instantOf, wholeNumber } from './option-values.ts'

describe('a time', () => {
  it.each([
    ['2025-11-04', '2025-11-04T00:00:00.000Z'],
    ['2025-11-04T10:00Z', '2025-11-04T10:00:00.000Z'],
    ['2025-11-04T10:00:00.123456Z', '2025-11-04T10:00:00.123Z'],
    ['2025-11-04T10:00:00+02:00', '2025-11-04T08:00:00.000Z'],
  ])('%s is an instant', (given, instant) => {
    expect(instantOf(given)).toBe(instant)
  })

  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
  ])('%s is an age', (given, ageMs) => {
    const before = Date.now()
    const instant = Date.parse(instantOf(given))
    expect(instant).toBeGreaterThanOrEqual(before - ageMs)
    expect(instant).toBeLessThanOrEqual(Date.now() - ageMs)
  })

  it.each([
    '',
    'now',
    '7',
    '7w',
    '-1d',
    '2025-13-01',
    '2025-11-04T10:00:00',
    '2025-11-04 10:00Z',
    'Nov 4 2025',
  ])('%j is none', (given) => {
    expect(() => instantOf(given)).toThrow('Give ISO 8601')
  })
})

describe('a whole number', () => {
  it('is made of digits only', () => {
    expect(wholeNumber('42')).toBe(42)
    for (const given of ['', '-1', '1.5', '1e3', '0x10', ' 1'])
      expect(() => wholeNumber(given)).toThrow('not a whole')
  })

  it('of what is to be listed is at least 1: with none, there would seem to be nothing', async () => {
    const args = ['dead-letters', '--nats', 'nats://127.0.0.1:9', '--limit']
    expect(await run([...args, '0'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('It is not a whole number from 1 on.') as string,
    })
  })
})
