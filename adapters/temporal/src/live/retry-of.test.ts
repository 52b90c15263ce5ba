import { ApplicationFailure } from '@temporalio/common'
import { expect, it } from 'vitest'
import { retryOf } from './retry-of.ts'

class StolenCard extends Error {}

const final = { retryInMs: null, retriesLeft: true }
const again = { retryInMs: 1_000 }

it.each([
  ['a class that the policy names', new StolenCard('stolen'), final],
  ['a class of its own', new TypeError('odd'), again],
  [
    'an error of somebody else with the fields of a failure of Temporal',
    Object.assign(new Error('busy'), {
      nonRetryable: true,
      type: 'StolenCard',
      nextRetryDelay: 'when it suits',
    }),
    again,
  ],
  ['a failure that is final', ApplicationFailure.nonRetryable('stolen'), final],
  ['a failure of a type that the policy names', ApplicationFailure.create({ type: 'StolenCard' }), final],
  [
    'a failure that names the delay',
    ApplicationFailure.create({ nextRetryDelay: '7s' }),
    { retryInMs: 7_000 },
  ],
  ['a failure whose delay is none', ApplicationFailure.create({ nextRetryDelay: 'soon' as never }), again],
  ['what lets nobody read it', Object.create(null), again],
  ['nothing', undefined, again],
])('whether an attempt is made again is decided as Temporal does, of %s', (_, thrown, expected) => {
  const info = {
    attempt: 1,
    scheduledTimestampMs: 0,
    scheduleToCloseTimeoutMs: 0,
    retryPolicy: { nonRetryableErrorTypes: ['StolenCard'] },
  }
  expect(retryOf(info, thrown, 0)).toEqual(expected)
})
