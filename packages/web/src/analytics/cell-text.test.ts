import { describe, expect, it, vi } from 'vitest'
import { cellText, periodText } from './cell-text.ts'

describe('a time of a report', () => {
  it('is one of the zone of its reader, also at midnight in UTC', () => {
    vi.stubEnv('TZ', 'America/St_Johns')
    expect(cellText('2025-11-04T00:00:00.000Z', 'time')).toBe('2025-11-03 20:30')
    expect(periodText('2025-11-04T00:00:00.000Z', 'hour')).toBe('2025-11-03 20:30')
    expect(periodText('2025-11-04T01:00:00.000Z', 'hour')).toBe('2025-11-03 21:30')
  })

  it('is the day in UTC of a period of days or longer', () => {
    vi.stubEnv('TZ', 'America/St_Johns')
    for (const period of ['day', 'week', 'month'] as const)
      expect(periodText('2025-11-01T00:00:00.000Z', period)).toBe('2025-11-01')
  })
})
