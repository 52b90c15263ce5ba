import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Unfinished } from './unfinished.ts'

it('is waited for until each has ended', async () => {
  const unfinished = new Unfinished()
  await unfinished.ended()
  const [endOne, endOther] = [unfinished.begin(), unfinished.begin()]
  let isOver = false
  const ended = unfinished.ended().then(() => (isOver = true))
  endOne()
  await setImmediate()
  expect(isOver).toBe(false)
  endOther()
  await ended
})
