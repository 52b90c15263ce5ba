import { expect, it } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const nowMs = Date.parse('2026-03-01T10:00:00Z')

it.each([
  ['0', 0],
  ['7', 7_000],
  [' 7 ', 7_000],
  ['86400', 3_600_000],
  ['Sun, 01 Mar 2026 10:00:05 GMT', 5_000],
  ['Sun, 01 Mar 2026 09:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('%j asks for %j ms', (header, waitMs) => {
  expect(retryAfterMs(header, nowMs)).toBe(waitMs)
})
