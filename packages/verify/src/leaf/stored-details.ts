import { canonicalJson, CanonicalJsonError, type Json } from '../canonical-json.ts'

/**
 * The details of an event from the text in which the database gives them: the JSON value, or, where a JSON value
 * as JavaScript has it would not be the same (a number beyond what a double holds, nesting beyond
 * `canonicalJsonMaxDepth`), the text itself. Events of ours never need the latter; what other people's SQL wrote may.
 */
export function storedDetails(text: string): Json {
  if (!mayBeInexact.test(text) && text.length < 2 * depthInDoubt) return JSON.parse(text) as Json
  const value = exactValueOf(text)
  return value === undefined ? text : value
}

/** Only a number of 16 digits or more can be one that a double does not hold. */
const mayBeInexact = /\d[\d.]{15}/

const depthInDoubt = 1000

function exactValueOf(text: string): Json | undefined {
  try {
    const value = (JSON.parse as ParseWithSource)(text, (_key, part, { source }) => {
      if (typeof part === 'number' && source !== undefined && !isSame(source, part)) throw new Inexact()
      return part
    })
    canonicalJson(value)
    return value
  } catch (error) {
    if (error instanceof Inexact || error instanceof CanonicalJsonError || error instanceof RangeError)
      return undefined
    throw error
  }
}

class Inexact extends Error {}

/** `JSON.parse` as ES2025 has it: the reviver is told the text of each primitive value. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => Json

const isSame = (source: string, value: number): boolean =>
  Number.isFinite(value) && decimalOf(source) === decimalOf(String(value))

/** A number's text as sign, digits without zeros at their ends, and power of ten. */
function decimalOf(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  const power = Number(exponent) - fraction.length + (digits.length - significant.length)
  return `${sign}${significant}e${power}`
}
