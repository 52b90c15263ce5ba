let second = Number.NaN
let textOfSecond = ''

/**
 * The time as ISO-8601 in UTC with three decimals, as `Date.prototype.toISOString` gives it, which is asked once a
 * second only. Throws a `RangeError` for a time that no date has.
 */
export function isoInstant(timestampMs: number): string {
  const wholeSecond = Math.floor(timestampMs / 1000)
  if (wholeSecond !== second) {
    textOfSecond = new Date(timestampMs).toISOString().slice(0, -4)
    second = wholeSecond
  }
  const milliseconds = timestampMs - wholeSecond * 1000
  return `${textOfSecond}${milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : ''}${milliseconds}Z`
}

/**
 * The time of a text as `isoInstant` writes it, for the second that it was asked for last; null for any other text.
 * Events that come together mostly happened in one second, and to parse a time takes ten times as long.
 */
export function sameSecond(text: string): number | null {
  const { length } = textOfSecond
  if (length !== usualLength || text.length !== usualLength + 4) return null
  if (!text.startsWith(textOfSecond) || text.charCodeAt(length + 3) !== letterZ) return null
  const hundreds = digitAt(text, length)
  const tens = digitAt(text, length + 1)
  const ones = digitAt(text, length + 2)
  if (hundreds < 0 || tens < 0 || ones < 0) return null
  return second * 1000 + hundreds * 100 + tens * 10 + ones
}

/** `2025-11-04T10:00:00.`, which years from 0 to 9999 have. */
const usualLength = 20
const letterZ = 0x5a

/** The value of a decimal digit; negative for anything else. */
function digitAt(text: string, index: number): number {
  const digit = text.charCodeAt(index) - 0x30
  return digit <= 9 ? digit : -1
}
