import { expect, it } from 'vitest'
import { Outage } from './outage.ts'

it('is news when it begins, when its reason has become another, and when it comes again', () => {
  let nowMs = 0
  const outage = new Outage(() => nowMs)
  const later = (reason: unknown): boolean => {
    nowMs += 60_000
    return outage.isNews(reason)
  }
  expect(later(new Error('refused at port 1'))).toBe(true)
  expect(later(new Error('refused at port 22'))).toBe(false)
  expect(later(new Error('permission denied'))).toBe(true)
  expect(outage.isNews(new Error('refused'))).toBe(false)
  expect(later(new Error('refused'))).toBe(true)
  expect(outage.cause).toEqual(new Error('refused'))
  outage.over()
  expect(outage.cause).toBeNull()
  expect(outage.isNews(new Error('refused'))).toBe(true)
  expect(later(Object.create(null))).toBe(true)
})
