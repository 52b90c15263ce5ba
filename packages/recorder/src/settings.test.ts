import { describe, expect, test } from 'vitest'
import { operation, scene } from '../test/recording.ts'

test.each([
  [{ batchEvents: 0 }, 'batchEvents (0) is no whole number from 1'],
  [{ queueEvents: 1.5 }, 'queueEvents (1.5) is no whole number from 1'],
  [{ overflow: 'spool' as const }, 'overflow ("spool") needs a spool: give one'],
  [{ spoolFirst: true }, 'spoolFirst (true) needs a spool'],
])('refuses %j', (options, message) => {
  expect(() => scene(options)).toThrow(message)
})

describe('a time that no timer measures', () => {
  const tooLong = [Number.POSITIVE_INFINITY, Number.NaN, -1, 2 ** 31]

  test.each(tooLong)('is refused as a deadline (%s), and nothing is closed', async (deadlineMs) => {
    const { recorder } = scene()
    recorder.record(operation())
    await expect(recorder.close({ deadlineMs })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: `deadlineMs (${deadlineMs}) is no whole number from 0 to 2147483647`,
    })
    expect(recorder.state).toBe('running')
    expect(await recorder.close()).toMatchObject({ written: 1, dropped: 0 })
  })

  test.each(['batchAgeMs', 'writeTimeoutMs', 'retryMinMs', 'retryMaxMs'])('is refused as %s', (option) => {
    for (const value of tooLong)
      expect(() => scene({ [option]: value })).toThrow(
        expect.objectContaining({ code: 'invalid_configuration', details: { option, value } }),
      )
  })
})

test('what asks for a spool needs none where recording is switched off', async () => {
  const { recorder } = scene({ enabled: false, spoolFirst: true, overflow: 'spool' })
  recorder.record(operation())
  expect(await recorder.close()).toEqual({ written: 0, spooled: 0, dropped: 1, pending: 0 })
})
