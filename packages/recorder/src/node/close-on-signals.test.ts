import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { closeOnSignals } from './close-on-signals.ts'

class FakeProcess extends EventEmitter {
  readonly pid = 7
  readonly killed: unknown[] = []
  kill(...call: unknown[]): true {
    this.killed.push(call)
    return true
  }
}

test('a signal closes, and then ends the process as it would have at once', async () => {
  const receiver = new FakeProcess()
  const closed: unknown[] = []
  closeOnSignals(
    { close: async (options) => closed.push(options) },
    { process: receiver as never, deadlineMs: 200 },
  )
  receiver.emit('SIGTERM', 'SIGTERM')
  expect(closed).toEqual([{ deadlineMs: 200 }])
  expect(receiver.listenerCount('SIGINT')).toBe(0)
  await Promise.resolve()
  await Promise.resolve()
  expect(receiver.killed).toEqual([[7, 'SIGTERM']])
})

test('what takes longer is closed as well before the process ends', async () => {
  const receiver = new FakeProcess()
  const slow = Promise.withResolvers<void>()
  closeOnSignals({ close: async () => undefined }, { process: receiver as never })
  closeOnSignals({ close: () => slow.promise }, { process: receiver as never })
  closeOnSignals({ close: () => Promise.reject(new Error('it is broken')) }, { process: receiver as never })
  receiver.emit('SIGTERM', 'SIGTERM')
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  expect(receiver.killed).toEqual([])
  slow.resolve()
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  expect(receiver.killed).toEqual([[7, 'SIGTERM']])
})

test('the handlers can be taken away again', () => {
  const receiver = new FakeProcess()
  const remove = closeOnSignals({ close: async () => undefined }, { process: receiver as never })
  expect(receiver.listenerCount('SIGTERM')).toBe(1)
  remove()
  expect(receiver.listenerCount('SIGTERM')).toBe(0)
})

test('a deadline that is none is refused at once, and not when it is too late', () => {
  const receiver = new FakeProcess()
  const options = { process: receiver as never, deadlineMs: Number.POSITIVE_INFINITY }
  expect(() => closeOnSignals({ close: async () => undefined }, options)).toThrow(
    expect.objectContaining({ code: 'invalid_configuration' }),
  )
  expect(receiver.listenerCount('SIGTERM')).toBe(0)
})
