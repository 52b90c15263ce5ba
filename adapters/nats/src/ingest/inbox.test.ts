import { expect, it } from 'vitest'
import { Inbox } from './inbox.ts'

const never = new AbortController().signal
const longMs = 60_000

it('gives as much as is wanted at once where it is there, in order', async () => {
  const inbox = new Inbox<number>(10)
  for (const each of [1, 2, 3]) inbox.add(each)
  expect(await inbox.take(2, longMs, never)).toEqual([1, 2])
  expect(inbox.drain()).toEqual([3])
})

it('gives what there is once the first has waited long enough', async () => {
  const inbox = new Inbox<number>(10)
  const taken = inbox.take(2, 1, never)
  inbox.add(1)
  expect(await taken).toEqual([1])
})

it('lets who adds wait until there is room', async () => {
  const inbox = new Inbox<number>(2)
  inbox.add(1)
  inbox.add(2)
  const order: string[] = []
  const added = inbox.room(never).then(() => order.push('room'))
  order.push('taken')
  await inbox.take(1, longMs, never)
  await added
  expect(order).toEqual(['taken', 'room'])
})

it('gives nothing and keeps nobody waiting once it is not wanted any more', async () => {
  const inbox = new Inbox<number>(1)
  const closing = new AbortController()
  const taken = [inbox.take(1, longMs, closing.signal), inbox.take(1, longMs, closing.signal)]
  closing.abort()
  expect(await Promise.all(taken)).toEqual([[], []])
  inbox.add(1)
  await inbox.room(closing.signal)
  expect(inbox.drain()).toEqual([1])
})
