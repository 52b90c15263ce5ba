import { describe, expect, it } from 'vitest'
import { jsonText } from './json-text.ts'

const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

describe('a JSON value', () => {
  it('is indented where that adds little, and only there', () => {
    expect(jsonText({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}')
    expect(jsonText(nested(32))).toContain('\n')
    expect(jsonText([1, { a: nested(1_000) }])).toHaveLength(2_010)
    const few = Array.from({ length: 100 }, (_, attempts) => ({ name: 'reserve', attempts }))
    expect(jsonText(few)).toContain('\n    "name": "reserve"')
    const wide: unknown = JSON.parse(`${'['.repeat(30)}${Array(100_000).fill(0).join()}${']'.repeat(30)}`)
    expect(jsonText(wide)).not.toContain('\n')
  })

  it('is said to be none where there is none', () => {
    expect(jsonText(undefined)).toBe('undefined')
    expect(jsonText(null)).toBe('null')
  })
})
