/**
 * Every limit of an event, in one place. Input beyond one of them is refused, never cut. Lengths count UTF-16
 * code units, as JavaScript's `length` does.
 */
export const eventLimits = {
  /** `details`, as the UTF-8 bytes of its canonical JSON. */
  detailsBytes: 256 * 1024,
  /** Nesting of `details`; the object itself is level 1. */
  detailsDepth: 16,
  /** Names, types and identifiers: every text column that is not free text. */
  nameLength: 255,
  /** `resourceId`, which may be a URL. */
  resourceIdLength: 1000,
  /** `reason` and `message`. */
  textLength: 10_000,
  /** How far ahead of the clock a `timestamp` may lie: 1 hour. */
  futureMs: 3_600_000,
} as const
