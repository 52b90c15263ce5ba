import { type Database, snapshotOfCursor } from '@steptrail/core'
import { readOpenTree, type TreeState } from '../tree/tree-state.ts'

/** How far the log is behind the events. */
export interface SealingLag {
  /** Committed events that have no place in the log. */
  readonly unsealed: number
  /** When the database took the oldest of them (ISO 8601); null when there is none. */
  readonly oldestAt: string | null
}

/**
 * How far the log is behind: what a metric and `verify` tell.
 *
 * @param limit counts so many at most, which a log that is far behind needs to answer at once; all unless given
 */
export async function readSealingLag(
  database: Database,
  { limit }: { readonly limit?: number } = {},
): Promise<SealingLag> {
  const sealed = await sealedSnapshot(database, await readOpenTree(database.query))
  const { rows } = await (limit === undefined
    ? database.query<LagRow>(selectAll, [sealed])
    : database.query<LagRow>(selectSome, [sealed, limit]))
  const [row] = rows
  return { unsealed: row?.unsealed ?? 0, oldestAt: row?.oldest_at ?? null }
}

interface LagRow {
  readonly unsealed: number
  readonly oldest_at: string | null
}

/** The snapshot of which the log has everything: one before all, where it has nothing, or its position means nothing. */
export async function sealedSnapshot(database: Database, tree: TreeState | null): Promise<string> {
  const snapshot = tree?.feedCursor ? await snapshotOfCursor(database, tree.feedCursor) : null
  return snapshot ?? '1:1:'
}

/** Events without a place in the log, as SQL; `$1` is the snapshot of which the log has everything. */
export const unsealedEvents = `
audit_event as event
where event.tx >= pg_snapshot_xmin($1::text::pg_snapshot)::text::bigint
  and not exists (select from log_entries as entry where entry.event_id = event.id)`

const selectAll = `select count(*) as unsealed, min(event.recorded_at) as oldest_at from ${unsealedEvents}`

const selectSome = `
select count(*) as unsealed, min(waiting.recorded_at) as oldest_at
from (select event.recorded_at from ${unsealedEvents} order by event.tx limit $2) as waiting`
