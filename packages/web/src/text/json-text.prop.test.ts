import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonText } from './json-text.ts'

const wide = (parts: number, part: unknown = 0): unknown => Array(parts).fill(part)
const deep = (levels: number, within: unknown = []): unknown => {
  let value = within
  for (let level = 1; level < levels; level++) value = [value]
  return value
}

describe('a JSON value as text', () => {
  it('is the value, and at most twice as long as without indentation, or a little longer', () => {
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 40 }),
      fc
        .tuple(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 0, max: 20_000 }))
        .map(([levels, parts]) => deep(levels, wide(parts))),
      fc.integer({ min: 0, max: 3_000 }).map((parts) => deep(30, wide(parts, { a: [{}] }))),
    )
    fc.assert(
      fc.property(values, (value) => {
        const text = jsonText(value)
        const { length } = JSON.stringify(value)
        expect(text.length).toBeLessThanOrEqual(length + Math.max(32_000, length))
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value))
      }),
    )
  })

  it('is indented where that is not much', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        fc.pre(JSON.stringify(value, null, 2).length < 32_000)
        expect(jsonText(value)).toBe(JSON.stringify(value, null, 2))
      }),
    )
  })
})
