import { randomUUID } from 'node:crypto'
import { type Database, follow, type FollowOptions, listEvents } from '@steptrail/core'
import { type AuditEvent, uuidV7 } from '@steptrail/event'
import { operation, record } from './recording.ts'

/** What a follower got: every batch, in order. */
export interface Followed {
  readonly batches: readonly (readonly AuditEvent[])[]
  readonly events: readonly AuditEvent[]
  /** The cursor of the last batch, or where it began. */
  readonly cursor: string
}

/** Follows until a batch satisfies `isDone`. */
export async function followUntil(
  database: Database,
  options: FollowOptions & { readonly from: string },
  isDone: (batch: readonly AuditEvent[], all: readonly AuditEvent[]) => boolean,
): Promise<Followed> {
  const batches: (readonly AuditEvent[])[] = []
  const events: AuditEvent[] = []
  let cursor = options.from
  for await (const batch of follow(database, { pollIntervalMs: 5, ...options })) {
    batches.push(batch.events)
    events.push(...batch.events)
    cursor = batch.cursor
    if (isDone(batch.events, events)) break
  }
  return { batches, events, cursor }
}

/**
 * Records one event that nobody else records, and says how to know it: it ends a test's feed. Its time lies ahead,
 * so that it comes last also among events that are read at once.
 */
export async function recordLast(database: Database): Promise<(batch: readonly AuditEvent[]) => boolean> {
  const action = `last ${randomUUID()}`
  await record(database, [operation({ action, id: uuidV7(Date.now() + 60_000) })])
  return (batch) => batch.some((event) => event.action === action)
}

/** Everything on record, in the order of ids. */
export async function everything(database: Database): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = []
  let cursor: string | undefined
  do {
    const page = await listEvents(database, { order: 'asc', limit: 1000, cursor })
    events.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return events
}

/** The numbers of each execution's events, in the order in which they came. */
export function sequencesIn(events: readonly AuditEvent[]): ReadonlyMap<string, readonly number[]> {
  const sequences = new Map<string, number[]>()
  for (const { executionId, executionSeq } of events) {
    if (executionId === null || executionSeq === null) continue
    const sequence = sequences.get(executionId) ?? []
    sequences.set(executionId, [...sequence, executionSeq])
  }
  return sequences
}
