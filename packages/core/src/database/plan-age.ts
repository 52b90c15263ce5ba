/** How old the plans of a connection are, and how old they may become. Milliseconds. */
interface PlanAge {
  madeAtMs: number
  keepMs: number
}

const shortestMs = 250
const longestMs = 60_000

const ages = new WeakMap<object, PlanAge>()

/**
 * Whether the connection's plans are to be made anew before the next prepared statement: first a quarter of a second
 * after the first one, then each time twice as long after, up to a minute. Tables grow fastest when they are new.
 * Whoever is told so is expected to do it.
 */
export function isPlanStale(connection: object, nowMs: number = performance.now()): boolean {
  const age = ages.get(connection)
  if (!age) {
    ages.set(connection, { madeAtMs: nowMs, keepMs: shortestMs })
    return false
  }
  if (nowMs - age.madeAtMs < age.keepMs) return false
  age.madeAtMs = nowMs
  age.keepMs = Math.min(longestMs, age.keepMs * 2)
  return true
}
