import { describe, expect, test } from 'vitest'
import { checkSagaOptions } from './check-saga-options.ts'
import type { SagaOptions } from './saga.ts'

describe('the options of a runtime', () => {
  test('are taken when they are known', () => {
    expect(() => checkSagaOptions({})).not.toThrow()
    expect(() =>
      checkSagaOptions({ holdsClock: false, secondPersonFor: ['cancel', 'resolve'] }),
    ).not.toThrow()
  })

  test.each([
    ['an unknown one', { holdClock: false }, /no option holdClock.*correct its name \(serviceName, /],
    [
      'an action that is none',
      { secondPersonFor: ['cancle'] },
      /secondPersonFor names "cancle": give actions among retry, /,
    ],
    ['a service name that cannot go on record', { serviceName: '' }, /serviceName is ""/],
  ])('are refused for %s', (_, options, message) => {
    expect(() => checkSagaOptions(options as SagaOptions)).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringMatching(message) as string,
      }),
    )
  })
})
