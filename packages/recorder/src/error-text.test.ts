import { expect, test } from 'vitest'
import { operation, scene } from '../test/recording.ts'

test('recordDurably says that an event was dropped, whatever was thrown while it was read', async () => {
  const noMessage = Object.defineProperty(new Error('no'), 'message', {
    get: () => {
      throw new Error('no message either')
    },
  })
  const noError = new Proxy(
    {},
    {
      getPrototypeOf: () => {
        throw new Error('no prototype')
      },
    },
  )
  const { recorder } = scene()
  for (const thrown of [noMessage, noError, null, 'a text'])
    await expect(
      recorder.recordDurably({
        ...operation(),
        get message(): string {
          throw thrown as Error
        },
      }),
    ).rejects.toMatchObject({ code: 'event_dropped', details: { reason: 'invalid' } })
})
