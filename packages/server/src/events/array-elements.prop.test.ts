import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { elementsOf } from './array-elements.ts'

/** What the elements are parsed to, or `refused` where they are not all JSON, or there is no array. */
const parsedByElement = (text: string, most: number): unknown =>
  elementsOf({ bytes: Buffer.from(text), encoding: 'utf8' }, most) ?? 'refused'

function parsedAsWhole(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : 'refused'
  } catch {
    return 'refused'
  }
}

const blank = fc.constantFrom('', ' ', '\n\t', '\r\n')
/** Events, with what looks like the end of one within them. */
const objects = fc.dictionary(
  fc.constantFrom('a', 'b', '},{'),
  fc.oneof(fc.constantFrom('},{', ',{', '"'), fc.array(fc.constant({ c: [{}, {}] })), fc.jsonValue()),
)
const lists = fc.oneof(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.array(objects, { maxLength: 5 }))
const arrays = fc
  .tuple(lists, fc.constantFrom(undefined, 1, '\t'), blank, blank)
  .map(([value, space, before, after]) => `${before}${JSON.stringify(value, null, space)}${after}`)
const pieces = fc
  .array(
    fc.constantFrom('[', ']', '{', '}', ',', ':', ',{', '"', '\\', ' ', '1', '"a"', '"\\""', 'ä', 'null'),
    {
      maxLength: 12,
    },
  )
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
