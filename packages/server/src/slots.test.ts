import { expect, it } from 'vitest'
import { Slots } from './slots.ts'

const busy = (text: string): unknown =>
  expect.objectContaining({ code: 'server_busy', message: expect.stringContaining(text) as string })

it('lets one tenant hold half of them, and the others the rest', () => {
  const slots = new Slots(5, 'streams')
  const [first, ...others] = Array.from({ length: 3 }, () => slots.take('acme'))
  expect(() => slots.take('acme')).toThrow(busy('3 streams of tenant acme'))
  first?.()
  others.push(slots.take('acme'), slots.take('globex'), slots.take(null))
  expect(() => slots.take('globex')).toThrow(busy('has 5 streams'))
  for (const release of others) release()
  expect(() => slots.take('globex')).not.toThrow()
})

it('lets who is bound to no tenant hold all of them', () => {
  const slots = new Slots(2, 'streams')
  const release = slots.take(null)
  slots.take(null)
  expect(() => slots.take(null)).toThrow(busy('has 2 streams'))
  release()
  release()
  slots.take(null)
  expect(() => slots.take(null)).toThrow(busy('has 2 streams'))
})
