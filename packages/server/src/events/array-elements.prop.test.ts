import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { elementsOf } from './array-elements.ts'

/** What the elements are parsed to, or `refused` where they are not all JSON, or there is no array. */
function parsedByElement(text: string, most: number): unknown {
  try {
    return elementsOf({ bytes: Buffer.from(text), encoding: 'utf8' }, most)?.map(parse) ?? 'refused'
  } catch {
    return 'refused'
  }
}

function parsedAsWhole(text: string): unknown {
  try {
    const value = parse(text)
    return Array.isArray(value) ? value : 'refused'
  } catch {
    return 'refused'
  }
}

const parse = (text: string): unknown => JSON.parse(text)

const blank = fc.constantFrom('', ' ', '\n\t', '\r\n')
const arrays = fc
  .tuple(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.constantFrom(undefined, 1, '\t'), blank, blank)
  .map(([value, space, before, after]) => `${before}${JSON.stringify(value, null, space)}${after}`)
const pieces = fc
  .array(fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', ' ', '1', '"a"', '"\\""', 'ä', 'null'), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''))
const broken = fc.tuple(arrays, fc.nat(), fc.nat({ max: 3 }), pieces).map(([text, at, cut, more]) => {
  const place = at % (text.length + 1)
  return `${text.slice(0, place)}${more}${text.slice(place + cut)}`
})

describe('the elements of an array', () => {
  it('are JSON exactly when the whole is, and the same', () => {
    fc.assert(
      fc.property(fc.oneof(arrays, broken, pieces), (text) => {
        expect(parsedByElement(text, 100)).toEqual(parsedAsWhole(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('are not looked for beyond as many as may be', () => {
    expect(parsedByElement('[1, 2]', 2)).toEqual([1, 2])
    expect(parsedByElement('[1, 2, 3]', 2)).toBe('refused')
  })
})
