import { describe, expect, it } from 'vitest'
import { parseTimeSpan } from './time-bound.ts'

const span = (text: string): readonly string[] | null => {
  const found = parseTimeSpan(text)
  return found && [found.fromMs, found.untilMs].map((ms) => new Date(ms).toISOString())
}

describe('parseTimeSpan', () => {
  it.each([
    ['2025-11-04', '2025-11-04T00:00:00.000Z', '2025-11-05T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['2025-11-04T10:00:00Z', '2025-11-04T10:00:00.000Z', '2025-11-04T10:00:00.001Z'],
    ['2025-11-04T10:00:00.123Z', '2025-11-04T10:00:00.123Z', '2025-11-04T10:00:00.124Z'],
    ['2025-11-04T10:00:00.123456Z', '2025-11-04T10:00:00.123Z', '2025-11-04T10:00:00.124Z'],
    ['2025-11-04T10:00:00+05:45', '2025-11-04T04:15:00.000Z', '2025-11-04T04:15:00.001Z'],
    ['2025-11-04T10:00:00', '2025-11-04T10:00:00.000Z', '2025-11-04T10:00:00.001Z'],
    ['2025-11-04T10:00', '2025-11-04T10:00:00.000Z', '2025-11-04T10:00:00.001Z'],
  ])('takes %s', (text, from, until) => {
    expect(span(text)).toEqual([from, until])
  })

  it.each([
    '',
    'yesterday',
    '2025-02-29',
    '2025-13-01',
    '04.11.2025',
    '2025-11-04T25:00:00Z',
    '20251104',
    '1762250400123',
    '2025-11-04T10:00:00 Z',
  ])('refuses %j', (text) => {
    expect(parseTimeSpan(text)).toBeNull()
  })
})
