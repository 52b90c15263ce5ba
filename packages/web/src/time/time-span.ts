/** Instants in milliseconds since 1970, closed below and open above. */
export interface TimeSpan {
  readonly fromMs: number
  readonly untilMs: number
}

const dayMs = 86_400_000

/**
 * The instants that a time in an address means, as the server understands it: a whole day where it is a date alone, UTC
 * where it has no offset. Null for what is no time.
 */
export function timeSpanOf(text: string): TimeSpan | null {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const hasOffset = /(?:Z|[+-]\d{2}:\d{2})$/.test(text)
  const fromMs = Date.parse(isDay || hasOffset ? text : `${text}Z`)
  return Number.isNaN(fromMs) ? null : { fromMs, untilMs: fromMs + (isDay ? dayMs : 1) }
}

/** Whether a time with this end has ended: then nothing that happens from now on lies in it. */
export const hasEnded = (end: string | undefined, nowMs: number): boolean =>
  end !== undefined && (timeSpanOf(end)?.untilMs ?? Infinity) <= nowMs
