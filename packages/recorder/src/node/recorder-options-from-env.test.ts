import { expect, test } from 'vitest'
import { operation, scene } from '../../test/recording.ts'
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

/** How many writes 1,500 events took that were recorded at once, and what became of them. */
async function recorded(env: Readonly<Record<string, string>>) {
  const { spoolDirectory: _, ...options } = recorderOptionsFromEnv(env)
  const { recorder, sink } = scene(options)
  for (let number = 0; number < 1500; number++) recorder.record(operation())
  const { written, dropped } = await recorder.close()
  return { writes: sink.writes.length, written, dropped }
}

test.each([
  [{}, { writes: 1, written: 1000, dropped: 500 }],
  [{ AUDIT_LOGGING_QUEUE_SIZE: '1200' }, { writes: 1, written: 1200, dropped: 300 }],
  [
    { AUDIT_LOGGING_QUEUE_SIZE: '1500', AUDIT_LOGGING_ASYNC: 'false' },
    { writes: 1500, written: 1500, dropped: 0 },
  ],
  [{ AUDIT_LOGGING_ENABLED: 'false' }, { writes: 0, written: 0, dropped: 1500 }],
])('%o makes a recorder do %o', async (env, done) => {
  expect(await recorded(env)).toEqual(done)
})
