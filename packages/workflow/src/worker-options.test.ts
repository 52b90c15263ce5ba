import { describe, expect, test } from 'vitest'
import { completeWorkerOptions, type WorkerOptions } from './worker-options.ts'

test('every option of a worker has a default', () => {
  expect(completeWorkerOptions({ service: 's' })).toEqual({
    service: 's',
    concurrency: 10,
    leaseMs: 5_000,
    pollMinMs: 50,
    pollMaxMs: 1_000,
    recordStack: false,
    version: null,
    logger: undefined,
  })
  expect(completeWorkerOptions({ service: 's', pollMinMs: 2_000 }).pollMaxMs).toBe(2_000)
})

test('every option of a worker is taken over', () => {
  const given = {
    service: 's',
    concurrency: 1,
    leaseMs: 100,
    pollMinMs: 1,
    pollMaxMs: 1,
    recordStack: true,
    version: '1.2',
    logger: console,
  }
  expect(completeWorkerOptions(given)).toEqual(given)
})

describe('an option of a worker is refused', () => {
  test.each([
    ['concurrency', 0],
    ['concurrency', 1.5],
    ['concurrency', 1_001],
    ['leaseMs', 99],
    ['leaseMs', Number.NaN],
    ['pollMinMs', 0],
    ['pollMinMs', -1],
    ['pollMaxMs', 49],
    ['pollMaxMs', Number.POSITIVE_INFINITY],
  ])('%s of %d', (option, value) => {
    expect(() => completeWorkerOptions({ service: 's', [option]: value })).toThrow(
      new RegExp(`the worker's ${option} is ${value}: give a whole number from`),
    )
  })

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(256)],
    ['with U+0000', '1\0'],
    ['with a lone surrogate', '1\uD800'],
    ['no text', 3],
  ])('version that is %s', (_, version) => {
    const options = { service: 's', version } as WorkerOptions
    expect(() => completeWorkerOptions(options)).toThrow(
      /the worker's version is .*: give a text of 1 to 255/,
    )
  })

  test('that there is not, since it would be ignored', () => {
    const misspelt = { service: 's', concurency: 5 } as WorkerOptions
    expect(() => completeWorkerOptions(misspelt)).toThrow(/a worker has no option concurency/)
  })
})
