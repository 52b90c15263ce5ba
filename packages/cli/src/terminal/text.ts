import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'

/**
 * Text from a database or an error, safe to show: terminal escape sequences are taken out, and line breaks and
 * other control characters become spaces, so that nobody's error message can move our cursor.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ')
}

/** Columns that `text` takes in a terminal; styles count nothing, wide characters two. */
export const widthOf = (text: string): number => stringWidth(text)

/** `text`, unstyled, in at most `width` columns: a longer one ends in an ellipsis. */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text
  const room = width - ellipsis.length
  if (room < 0) return ''
  let taken = ''
  let columns = 0
  for (const { segment } of graphemes.segment(text)) {
    columns += widthOf(segment)
    if (columns > room) break
    taken += segment
  }
  return taken.trimEnd() + ellipsis
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Fills up with spaces to `width` columns, behind the text. */
export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** Fills up with spaces to `width` columns, before the text. */
export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text

/** `text`, unstyled, broken at spaces into lines of at most `width` columns; a longer word goes on in the next. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/).flatMap((each) => chunks(each, width))) {
    const line = lines.at(-1)
    if (line !== undefined && widthOf(line) + 1 + widthOf(word) <= width)
      lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

function chunks(word: string, width: number): readonly string[] {
  const parts: string[] = []
  let columns = 0
  for (const { segment } of graphemes.segment(word)) {
    columns += widthOf(segment)
    if (parts.length === 0 || columns > width) {
      parts.push('')
      columns = widthOf(segment)
    }
    parts[parts.length - 1] += segment
  }
  return parts
}
