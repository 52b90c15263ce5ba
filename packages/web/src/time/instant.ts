const two = (value: number): string => String(value).padStart(2, '0')
const three = (value: number): string => String(value).padStart(3, '0')

/** An instant's day in the reader's zone: `2025-11-04`. */
export function localDay(instant: number): string {
  const at = new Date(instant)
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** An instant's time of day in the reader's zone, to the millisecond: `10:00:03.900`. */
export function localTime(instant: number): string {
  const at = new Date(instant)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${three(at.getMilliseconds())}`
}

/** An instant in UTC, as it is on record: `2025-11-04 10:00:03.900 UTC`. */
export const utcText = (instant: number): string =>
  Number.isNaN(instant)
    ? 'no time'
    : `${new Date(instant).toISOString().replace('T', ' ').replace('Z', '')} UTC`
