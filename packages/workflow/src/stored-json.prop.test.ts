import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { workflowLimits } from './limits.ts'
import { storedJson } from './stored-json.ts'

const plenty = 1_000_000

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))

const problem = (value: unknown, maxBytes = plenty): string => {
  const stored = storedJson(value, maxBytes)
  if (stored.ok) throw new Error(`accepted as ${JSON.stringify(stored.json)}`)
  return stored.problem
}

describe('what is stored', () => {
  test('is any JSON value without U+0000, as JSON.stringify writes it', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .filter((value) => value.isWellFormed() && !value.includes('\0'))
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc
          .double({ noNaN: true, noDefaultInfinity: true })
          .map((value) => (Object.is(value, -0) ? 0 : value)),
        text,
        fc.array(tie('json'), { maxLength: 4 }),
        fc.dictionary(text, tie('json'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(json, (value) => {
        expect(storedJson(value, plenty)).toEqual({ ok: true, json: JSON.parse(JSON.stringify(value)) })
      }),
    )
  })

  test('is a Date as text, an absent property for undefined, null for an undefined element', () => {
    const value = {
      at: new Date(0),
      none: undefined,
      list: [1, undefined],
      // oxlint-disable-next-line no-sparse-arrays -- holes become null
      holes: [1, , 3],
      nested: { toJSON: () => [new Date(1)] },
    }
    expect(storedJson(value, plenty)).toEqual({
      ok: true,
      json: {
        at: '1970-01-01T00:00:00.000Z',
        list: [1, null],
        holes: [1, null, 3],
        nested: ['1970-01-01T00:00:00.001Z'],
      },
    })
  })

  test('may hold a backslash before u0000, which is not U+0000', () => {
    expect(storedJson('\\u0000', plenty)).toEqual({ ok: true, json: '\\u0000' })
    expect(storedJson('\\\\u0000', plenty)).toEqual({ ok: true, json: '\\\\u0000' })
  })

  test('may hold one object in two places', () => {
    const shared = { x: 1 }
    expect(storedJson({ a: shared, b: shared }, plenty)).toEqual({ ok: true, json: { a: shared, b: shared } })
  })

  test('may be as large as the limit in UTF-8', () => {
    expect(storedJson('ä', 4)).toEqual({ ok: true, json: 'ä' })
    expect(problem('ä', 3)).toBe('$ takes 4 bytes as JSON, and 3 are allowed')
  })

  test('may be nested as deeply as the limit', () => {
    const { nesting } = workflowLimits
    expect(storedJson(nested(nesting), plenty)).toEqual({ ok: true, json: nested(nesting) })
    for (const depth of [nesting + 1, 100_000])
      expect(problem(nested(depth))).toBe(`$ is nested deeper than ${nesting}`)
  })
})

describe('what cannot be stored is named with its place', () => {
  const cycle: Record<string, unknown> = {}
  cycle['left'] = { up: cycle }
  cycle['right'] = { up: cycle, again: [cycle, cycle] }

  test.each([
    ['undefined', undefined, '$ is undefined'],
    ['NaN', { rows: [0, Number.NaN] }, '$.rows[1] is NaN'],
    ['Infinity', [Number.POSITIVE_INFINITY], '$[0] is Infinity'],
    ['a bigint', { n: 1n }, '$.n is a bigint'],
    ['a function', { f: () => 1 }, '$.f is a function'],
    ['a Map', { m: new Map([[1, 2]]) }, '$.m is a Map'],
    ['an instance', { i: new Error('x') }, '$.i is a Error'],
    ['a lone surrogate', { s: '\uD800' }, '$.s holds a lone surrogate'],
    ['a lone surrogate in a key', { ['\uDC00']: 1 }, 'holds a lone surrogate'],
    ['U+0000', { s: ['a\0b'] }, '$ holds U+0000, which PostgreSQL cannot store'],
    ['U+0000 in a key', { ['\0']: 1 }, 'U+0000'],
    ['U+0000 after a backslash', '\\\0', 'U+0000'],
    ['a cycle', cycle, 'again'],
  ])('%s', (_, value, expected) => {
    expect(problem(value)).toContain(expected)
  })
})
