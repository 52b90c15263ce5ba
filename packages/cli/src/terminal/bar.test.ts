import { expect, it } from 'vitest'
import { drawBar } from './bar.ts'

it('shows how much is done, in numbers too', () => {
  expect(drawBar({ done: 1000, total: 3000 }, { unicode: true })).toBe(
    '████████░░░░░░░░░░░░░░░░ 33 %  1,000 of 3,000',
  )
  expect(drawBar({ done: 3000, total: 3000 }, { unicode: false })).toBe(
    '######################## 100 %  3,000 of 3,000',
  )
  expect(drawBar({ done: 0, total: 0 }, { unicode: false })).toContain('100 %')
})
