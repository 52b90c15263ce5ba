import { expect, test } from 'vitest'
import { scene } from '../test/recording.ts'

async function rowOf(
  work: (parts: ReturnType<typeof scene>) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const parts = scene()
  await work(parts).catch(() => undefined)
  await parts.recorder.flush()
  expect(parts.sink.stored).toHaveLength(1)
  return JSON.parse(parts.sink.stored[0]!.json)
}

const options = {
  action: 'scan_process',
  actor: { type: 'user', id: 'anna@example.com' },
  extraInfo: { scan_id: 7 },
} as const

test('what returns has succeeded, and its value is returned', async () => {
  const row = await rowOf(async ({ recorder, timers }) => {
    const result = await recorder.operation(options, async (op) => {
      timers.advance(412.4)
      op.add({ records: 100 })
      return 'done'
    })
    expect(result).toBe('done')
  })
  expect(row).toMatchObject({
    event_type: 'OPERATION',
    action: 'scan_process',
    status: 'SUCCESS',
    severity: 'info',
    duration_ms: 412,
    actor_type: 'user',
    actor_id: 'anna@example.com',
    details: { scan_id: 7, records: 100 },
  })
})

test('what throws has failed, and the error is thrown on', async () => {
  const error = Object.assign(new TypeError('no such symbol\u0000'), { code: 'E_SYMBOL' })
  const row = await rowOf(async ({ recorder, timers }) => {
    const failing = recorder.operation(options, () => {
      timers.advance(5)
      throw error
    })
    await expect(failing).rejects.toBe(error)
  })
  expect(row).toMatchObject({
    status: 'FAILED',
    severity: 'error',
    message: 'no such symbol',
    duration_ms: 5,
    details: { scan_id: 7, error: { name: 'TypeError', message: 'no such symbol', code: 'E_SYMBOL' } },
  })
})

test('a warning downgrades a success', async () => {
  const row = await rowOf(({ recorder }) =>
    recorder.operation(options, (op) => op.warn('only half of it was there')),
  )
  expect(row).toMatchObject({
    status: 'WARNING',
    severity: 'warning',
    message: 'only half of it was there',
    details: { scan_id: 7 },
  })
})

test('an error may be anything', async () => {
  const row = await rowOf(({ recorder }) =>
    recorder.operation(options, () => {
      throw Object.create(null)
    }),
  )
  expect(row).toMatchObject({ status: 'FAILED', message: 'an error that has no text' })
})

test('an operation of a block succeeds when it says so', async () => {
  const row = await rowOf(async ({ recorder, timers }) => {
    await using op = recorder.operation(options)
    timers.advance(3)
    op.succeed({ records: 1 })
  })
  expect(row).toMatchObject({ status: 'SUCCESS', duration_ms: 3, details: { scan_id: 7, records: 1 } })
})

test('an operation of a block has failed otherwise', async () => {
  const row = await rowOf(async ({ recorder }) => {
    await using _op = recorder.operation(options)
    throw new Error('nobody knows')
  })
  expect(row).toMatchObject({ status: 'FAILED', message: 'the operation was left before it had succeeded' })
})
