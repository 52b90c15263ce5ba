/** The longest that an answer may make a client wait, in milliseconds. */
const longestMs = 3_600_000

/**
 * How long a `Retry-After` asks to wait, in whole milliseconds, at most an hour: of seconds, or of a time in the form
 * of HTTP. Undefined for none, and for what is neither.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? ''
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(longestMs, Math.max(0, Math.ceil(waitMs)))
}
