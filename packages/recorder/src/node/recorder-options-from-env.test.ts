import { expect, test } from 'vitest'
import { recorderOptionsFromEnv } from './recorder-options-from-env.ts'

test('what the environment does not say has its default', () => {
  const defaults = { enabled: true, queued: true, queueEvents: 1000, spoolDirectory: undefined }
  expect(recorderOptionsFromEnv({})).toEqual(defaults)
  expect(recorderOptionsFromEnv({ AUDIT_LOGGING_ENABLED: '', AUDIT_LOGGING_QUEUE_SIZE: ' ' })).toEqual(
    defaults,
  )
})

test('what it says is taken', () => {
  expect(
    recorderOptionsFromEnv({
      AUDIT_LOGGING_ENABLED: 'false',
      AUDIT_LOGGING_ASYNC: '0',
      AUDIT_LOGGING_QUEUE_SIZE: '250',
      STEPTRAIL_SPOOL_DIR: '/var/spool/steptrail',
    }),
  ).toEqual({ enabled: false, queued: false, queueEvents: 250, spoolDirectory: '/var/spool/steptrail' })
})

test.each([
  ['AUDIT_LOGGING_ENABLED', 'yes', 'AUDIT_LOGGING_ENABLED is "yes": give true or false (or 1 or 0)'],
  ['AUDIT_LOGGING_ASYNC', 'no', 'AUDIT_LOGGING_ASYNC is "no": give true or false (or 1 or 0)'],
  [
    'AUDIT_LOGGING_QUEUE_SIZE',
    '0',
    'AUDIT_LOGGING_QUEUE_SIZE is "0": give a whole number from 1 to 10000000',
  ],
  [
    'AUDIT_LOGGING_QUEUE_SIZE',
    '1e3',
    'AUDIT_LOGGING_QUEUE_SIZE is "1e3": give a whole number from 1 to 10000000',
  ],
])('%s=%s is an error that says what is allowed', (variable, value, message) => {
  expect(() => recorderOptionsFromEnv({ [variable]: value })).toThrow(message)
})
