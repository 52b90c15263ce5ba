import { describe, expect, it } from 'vitest'
import { jsonText } from './json-text.ts'

const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

describe('a JSON value', () => {
  it('is indented where it is shallow, and only there', () => {
    expect(jsonText({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}')
    expect(jsonText(nested(32))).toContain('\n')
    expect(jsonText(nested(33))).not.toContain('\n')
    expect(jsonText([1, { a: nested(1_000) }])).toHaveLength(2_010)
  })

  it('is said to be none where there is none', () => {
    expect(jsonText(undefined)).toBe('undefined')
    expect(jsonText(null)).toBe('null')
  })
})
