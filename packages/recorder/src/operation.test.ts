import { describe, expect, test } from 'vitest'
import { scene } from '../test/recording.ts'
import type { OperationOptions } from './operation.ts'
import type { Recorder } from './recorder.ts'

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

describe('the trail never breaks the work', () => {
  const refuse = (): never => {
    throw new Error('not to be read')
  }
  const unreadable = (key: string, of: object = {}): never =>
    Object.defineProperty(of, key, { enumerable: true, get: refuse }) as never

  test.each<[string, (recorder: Recorder) => Promise<unknown>]>([
    [
      'extra information that cannot be read',
      (recorder) => recorder.operation({ action: 'a', extraInfo: unreadable('x') }, () => 'done'),
    ],
    [
      'a column that cannot be read',
      (recorder) => recorder.operation(unreadable('message', { action: 'a' }), () => 'done'),
    ],
    [
      'an actor that cannot be read',
      (recorder) => recorder.operation({ action: 'a', actor: unreadable('type') }, () => 'done'),
    ],
    [
      'information that cannot be read',
      (recorder) =>
        recorder.operation({ action: 'a' }, (op) => {
          op.add(unreadable('x'))
          return 'done'
        }),
    ],
    ['no options', (recorder) => recorder.operation(null as unknown as OperationOptions, () => 'done')],
  ])('by %s: the event is refused, and counted', async (_, work) => {
    const { recorder, logged } = scene()
    expect(await work(recorder)).toBe('done')
    expect(await recorder.flush()).toEqual({ written: 0, spooled: 0, dropped: 1, pending: 0 })
    expect(recorder.counts()).toMatchObject({ emitted: 1, dropped: { invalid: 1 } })
    expect(logged).toHaveLength(1)
  })

  test('by a warning that is no text', async () => {
    const row = await rowOf(async ({ recorder }) => {
      const result = await recorder.operation(options, (op) => {
        op.warn(new Error('half of it') as unknown as string)
        return 'done'
      })
      expect(result).toBe('done')
    })
    expect(row).toMatchObject({ status: 'WARNING', message: 'half of it' })
  })

  test.each<[string, Error, object]>([
    ['a name that is no text', Object.assign(new Error('mine'), { name: 5 }), { message: 'mine', name: 5 }],
    ['a code that is not finite', Object.assign(new Error('mine'), { code: Number.NaN }), { code: 'NaN' }],
    ['a code that cannot be read', unreadable('code', new Error('mine')), { name: 'Error' }],
    [
      'a prototype that cannot be read',
      new Proxy(new Error('mine'), { getPrototypeOf: refuse }),
      { message: 'an error that has no text' },
    ],
  ])('by an error with %s: it is thrown on, and on record', async (_, error, report) => {
    const row = await rowOf(async ({ recorder }) => {
      const thrown = await recorder
        .operation(options, () => {
          throw error
        })
        .catch((caught: unknown) => caught)
      expect(Object.is(thrown, error)).toBe(true)
    })
    expect(row).toMatchObject({ status: 'FAILED', details: { error: report } })
  })
})
