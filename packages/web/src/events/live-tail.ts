import type { Event, EventList } from '@steptrail/client'
import { timeSpanOf } from '../time/time-span.ts'

type Listed = Pick<Event, 'id' | 'timestamp'>

/**
 * Whether an event lies in the time that a list looks at: what is recorded now may have happened at another, as what is
 * copied from elsewhere.
 */
export function isWithin({ start_date, end_date }: EventList['window']) {
  const fromMs = start_date === null ? -Infinity : (timeSpanOf(start_date)?.fromMs ?? -Infinity)
  const untilMs = end_date === null ? Infinity : (timeSpanOf(end_date)?.untilMs ?? Infinity)
  return ({ timestamp }: Pick<Event, 'timestamp'>): boolean => {
    const at = Date.parse(timestamp)
    return fromMs <= at && at < untilMs
  }
}

/** Events that came live, those that were listed, and whether these are all that there were. */
export interface TailAndList<Of extends Listed> {
  readonly came: readonly Of[]
  /** The newest first. */
  readonly listed: readonly Of[]
  readonly isWhole: boolean
}

/**
 * The events that came live among those that were listed, the newest first, each once. What came and is older than the
 * last of a list that goes on waits for its place there.
 */
export function withTail<Of extends Listed>({ came, listed, isWhole }: TailAndList<Of>): readonly Of[] {
  if (came.length === 0) return listed
  const last = listed.at(-1)
  const fresh = [...new Map(came.map((event) => [event.id, event])).values()]
    .filter((event) => isWhole || last === undefined || newestFirst(event, last) < 0)
    .toSorted(newestFirst)
  return merged(fresh, listed)
}

/** The order of the server: by time, and by id where that is the same. */
function newestFirst(one: Listed, other: Listed): number {
  const later = Date.parse(other.timestamp) - Date.parse(one.timestamp)
  if (later !== 0 || one.id === other.id) return later
  return one.id < other.id ? 1 : -1
}

/** What is in both is there once, at the same place of both orders. */
function merged<Of extends Listed>(fresh: readonly Of[], listed: readonly Of[]): readonly Of[] {
  const all: Of[] = []
  let at = 0
  for (const [index, event] of listed.entries()) {
    for (let next = fresh[at]; next && newestFirst(next, event) < 0; next = fresh[++at]) all.push(next)
    if (fresh[at]?.id === event.id) at += 1
    if (at >= fresh.length) return [...all, ...listed.slice(index)]
    all.push(event)
  }
  return [...all, ...fresh.slice(at)]
}
