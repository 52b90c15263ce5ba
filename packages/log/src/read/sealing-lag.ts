import { type Database, snapshotOfCursor } from '@steptrail/core'
import { readOpenTree } from '../tree/tree-state.ts'

/** How far the log is behind the events. */
export interface SealingLag {
  /** Committed events that have no place in the log. */
  readonly unsealed: number
  /** When the database took the oldest of them (ISO 8601); null when there is none. */
  readonly oldestAt: string | null
}

/** How far the log is behind: what a metric and `verify` tell. */
export async function readSealingLag(database: Database): Promise<SealingLag> {
  const tree = await readOpenTree(database.query)
  const snapshot = tree?.feedCursor ? await snapshotOfCursor(database, tree.feedCursor) : null
  const { rows } = await database.query<{ unsealed: number; oldest_at: string | null }>(selectLag, [
    snapshot ?? '1:1:',
  ])
  const [row] = rows
  return { unsealed: row?.unsealed ?? 0, oldestAt: row?.oldest_at ?? null }
}

const selectLag = `
select count(*) as unsealed, min(event.recorded_at) as oldest_at
from audit_event as event
where event.tx >= pg_snapshot_xmin($1::text::pg_snapshot)::text::bigint
  and not exists (select from log_entries as entry where entry.event_id = event.id)`

/** How far the log is behind, as far as it matters to whoever waits: the oldest that waits, and how many up to a limit. */
export async function readUnsealed(database: Database, limit: number): Promise<SealingLag> {
  const tree = await readOpenTree(database.query)
  const snapshot = tree?.feedCursor ? await snapshotOfCursor(database, tree.feedCursor) : null
  const { rows } = await database.query<{ unsealed: number; oldest_at: string | null }>(selectUnsealed, [
    snapshot ?? '1:1:',
    limit,
  ])
  const [row] = rows
  return { unsealed: row?.unsealed ?? 0, oldestAt: row?.oldest_at ?? null }
}

const selectUnsealed = `
select count(*) as unsealed, min(waiting.recorded_at) as oldest_at
from (
  select event.recorded_at
  from audit_event as event
  where event.tx >= pg_snapshot_xmin($1::text::pg_snapshot)::text::bigint
    and not exists (select from log_entries as entry where entry.event_id = event.id)
  order by event.tx
  limit $2
) as waiting`
