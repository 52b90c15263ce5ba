import { expect, it } from 'vitest'
import { RateLimit } from './rate-limit.ts'

it('fills again with time, and says after how long one more is taken', () => {
  let nowMs = 0
  const limit = new RateLimit({ perSecond: 0.5, burst: 2, now: () => nowMs })
  limit.take('a')
  limit.take('a')
  expect(() => limit.take('a')).toThrow('wait 2 s')
  limit.take('b')
  nowMs += 2_000
  limit.take('a')
  expect(() => limit.take('a')).toThrow('wait 2 s')
})

it('remembers 10,000 callers, and forgets those first that were quiet longest', () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1, now: () => 0 })
  limit.take('first')
  limit.take('second')
  for (let caller = 0; caller < 9_998; caller++) limit.take(`caller ${caller}`)
  expect(() => limit.take('first')).toThrow('requests a second')
  limit.take('one too many')
  expect(() => limit.take('first')).toThrow('requests a second')
  limit.take('second')
})
