import { describe, expect, it } from 'vitest'
import { countOf } from './save-export.ts'

const digest = 'a'.repeat(64)

describe('the end of an export', () => {
  it('tells how many events there are', () => {
    expect(countOf(`a,b\r\n# 12 events,sha256 ${digest},,,\r\n`, 'csv')).toBe(12)
    expect(countOf('steptrail.events\u0018\u000212\0\u0018 and so on PAR1', 'parquet')).toBe(12)
    expect(countOf(`{"id":"1"}\n{"trailer":{"events":3,"sha256":"${digest}"}}\n`, 'ndjson')).toBe(3)
  })

  it.each([
    ['nothing', ''],
    ['an event', '{"id":"1"}\n'],
    ['a Parquet file that breaks off', 'steptrail.events\u0018\u000212\0'],
    ['half of it', '{"trailer":{"events":3,"sha2'],
  ])('does not, when it is %s', (_, end) => {
    expect(countOf(end, 'ndjson')).toBeNull()
    expect(countOf(end, 'csv')).toBeNull()
    expect(countOf(end, 'parquet')).toBeNull()
  })
})
