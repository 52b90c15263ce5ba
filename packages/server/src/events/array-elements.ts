import type { TextBytes } from '../endpoint/read-body.ts'

/**
 * The elements of a JSON array, each as its text; null for what is no array, or one of more elements than `most`. What
 * is wrong within an element shows when that is parsed: if all of them are JSON, the whole is. To parse a body of some
 * hundred events piece by piece takes less than half the time, since a text that long gets memory of its own each time.
 */
export function elementsOf({ bytes, encoding }: TextBytes, most: number): readonly string[] | null {
  const elements: string[] = []
  const open = skipBlanks(bytes, 0)
  if (bytes[open] !== bracketOpen) return null
  let [depth, start] = [0, open + 1]
  for (let index = open; index < bytes.length && elements.length < most; index++) {
    const byte = bytes[index]
    if (byte === quote) index = endOfString(bytes, index)
    else if (byte === bracketOpen || byte === braceOpen) depth += 1
    else if (byte === comma && depth === 1) {
      elements.push(bytes.toString(encoding, start, index))
      start = index + 1
    } else if (byte === bracketClose || byte === braceClose) {
      depth -= 1
      if (depth > 0) continue
      const isWhole = byte === bracketClose && skipBlanks(bytes, index + 1) === bytes.length
      if (!isWhole) return null
      const isEmpty = elements.length === 0 && skipBlanks(bytes, start) === index
      return isEmpty ? [] : [...elements, bytes.toString(encoding, start, index)]
    }
  }
  return null
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
