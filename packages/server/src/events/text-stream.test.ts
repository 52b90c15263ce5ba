import { expect, it, vi } from 'vitest'
import { textStream } from './text-stream.ts'

/** A source that makes its second part when it is told to, and notes whether it was ended. */
function slowSource() {
  const asked = Promise.withResolvers<void>()
  const made = Promise.withResolvers<void>()
  const ended = vi.fn<() => void>()
  async function* parts(): AsyncGenerator<string, void, undefined> {
    try {
      yield 'one'
      asked.resolve()
      await made.promise
      yield 'two'
    } finally {
      ended()
    }
  }
  return { parts: parts(), asked: asked.promise, make: made.resolve, fail: made.reject, ended }
}

it('is in no trouble when its reader hangs up while something is being made for it', async () => {
  const { parts, asked, make, ended } = slowSource()
  const onEnd = vi.fn<() => void>()
  const onError = vi.fn<(error: unknown) => void>()
  const reader = textStream(parts, { onEnd, onError }).getReader()
  await reader.read()
  const second = reader.read()
  await asked
  const cancelled = reader.cancel()
  make()
  await cancelled
  expect((await second).done).toBe(true)
  expect(ended).toHaveBeenCalledOnce()
  expect(onEnd).toHaveBeenCalledOnce()
  expect(onError).not.toHaveBeenCalled()
})

it('tells of what goes wrong meanwhile', async () => {
  const { parts, asked, fail } = slowSource()
  const onError = vi.fn<(error: unknown) => void>()
  const reader = textStream(parts, { onEnd: () => {}, onError }).getReader()
  await reader.read()
  const second = reader.read()
  await asked
  const cancelled = reader.cancel()
  fail(new Error('the database is away'))
  await cancelled
  await second
  expect(onError.mock.calls).toEqual([[new Error('the database is away')]])
})
