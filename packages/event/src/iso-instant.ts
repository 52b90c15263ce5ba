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
