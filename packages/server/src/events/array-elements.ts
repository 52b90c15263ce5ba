import type { TextBytes } from '../endpoint/read-body.ts'

/**
 * The elements of a JSON array, each parsed by itself; null for what is no array of JSON, or one of more elements than
 * `most`. To parse a body of some hundred events piece by piece takes less time than to parse it whole, since a text that
 * long gets memory of its own each time.
 */
export function elementsOf(body: TextBytes, most: number): readonly unknown[] | null {
  const { bytes } = body
  const elements: unknown[] = []
  const open = skipBlanks(bytes, 0)
  if (bytes[open] !== bracketOpen) return null
  let start = skipBlanks(bytes, open + 1)
  if (bytes[start] === bracketClose) return skipBlanks(bytes, start + 1) === bytes.length ? elements : null
  let mayGuess = true
  while (elements.length < most) {
    const element: Element | null = (mayGuess && guessedElement(body, start)) || scannedElement(body, start)
    if (!element) return null
    mayGuess &&= element.isGuessed
    elements.push(element.value)
    if (bytes[element.end] === comma) start = element.end + 1
    else return skipBlanks(bytes, element.end + 1) === bytes.length ? elements : null
  }
  return null
}

interface Element {
  readonly value: unknown
  /** Where the comma is that follows, or the end of the array. */
  readonly end: number
  readonly isGuessed: boolean
}

/**
 * Up to the next comma before a brace: mostly that is where the next event begins, and it is found many times sooner
 * than by looking at each byte. If that much is JSON, it is the whole element, since no JSON goes on after a comma.
 */
function guessedElement(body: TextBytes, start: number): Element | null {
  const end = body.bytes.indexOf(',{', start, 'latin1')
  return end < 0 ? null : elementBetween(body, { start, end, isGuessed: true })
}

function scannedElement(body: TextBytes, start: number): Element | null {
  const end = endOfElement(body.bytes, start)
  return end < 0 ? null : elementBetween(body, { start, end, isGuessed: false })
}

function elementBetween(
  { bytes, encoding }: TextBytes,
  { start, ...rest }: Omit<Element, 'value'> & { readonly start: number },
): Element | null {
  try {
    return { ...rest, value: JSON.parse(bytes.toString(encoding, start, rest.end)) as unknown }
  } catch {
    // Where it is a wrong guess, it is scanned; what is wrong otherwise is told of the whole.
    return null
  }
}

/** Where the comma or the bracket is that ends the element which begins there; negative where there is none. */
function endOfElement(bytes: Uint8Array, start: number): number {
  let depth = 0
  for (let index = start; index < bytes.length; index++) {
    const byte = bytes[index]
    if (byte === quote) index = endOfString(bytes, index)
    else if (byte === bracketOpen || byte === braceOpen) depth += 1
    else if (byte === comma && depth === 0) return index
    else if (byte === bracketClose || byte === braceClose) {
      depth -= 1
      if (depth < 0) return byte === bracketClose ? index : -1
    }
  }
  return -1
}

/** Where the quote is that ends the string which begins there; the end of all for one without. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1
  while (index < bytes.length && bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1
  return index
}

function skipBlanks(bytes: Uint8Array, start: number): number {
  let index = start
  while (blanks.has(bytes[index])) index += 1
  return index
}

const quote = 0x22
const comma = 0x2c
const bracketOpen = 0x5b
const backslash = 0x5c
const bracketClose = 0x5d
const braceOpen = 0x7b
const braceClose = 0x7d
const blanks: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d])
