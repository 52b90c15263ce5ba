import { type Database, type Query, snapshotOfCursor } from '@steptrail/core'
import type { Defect } from '@steptrail/verify'
import type { TreeState } from '../tree/tree-state.ts'
import { erasureDefect } from './erasure-defect.ts'

/** A log, and the one that took its place. */
export interface LogAndNext {
  readonly tree: TreeState
  /** Null for the log that grows. */
  readonly next: TreeState | null
}

/** What can be wrong although every entry is as signed: more entries than leaves, events beside the log. */
export async function defectAround(database: Database, { tree, next }: LogAndNext): Promise<Defect | null> {
  const beyond = await entryBeyond(database.query, tree)
  if (beyond) return beyond
  if (tree.predecessor !== null && !(await namesPredecessor(database, tree)))
    return { kind: 'predecessor_unnamed', origin: tree.origin }
  const unexplained = await erasureDefect(database.query, tree)
  if (unexplained || next) return unexplained
  return await eventBesideTheLog(database, tree)
}

/** Whether the first entry of a log is the event that names the checkpoint of the log before it. */
async function namesPredecessor(database: Database, { logId, predecessor }: TreeState): Promise<boolean> {
  const { rows } = await database.query<{ named: string | null }>(
    `select event.details ->> 'predecessor' as named
     from log_entries as entry
     join audit_event as event on event.id = entry.event_id and event."timestamp" = entry.event_timestamp
     where entry.log_id = $1
       and entry.log_index = 0
       and event.event_type = 'TRAIL_LOG_RESTARTED'`,
    [logId],
  )
  return rows[0]?.named === predecessor
}

async function eventBesideTheLog(database: Database, { feedCursor }: TreeState): Promise<Defect | null> {
  const snapshot = feedCursor === null ? null : await snapshotOfCursor(database, feedCursor)
  if (snapshot === null) return null
  const { rows } = await database.query<{ id: string }>(selectBeside, [snapshot])
  return rows[0] ? { kind: 'event_not_in_log', eventId: rows[0].id } : null
}

/** Numbers are compared, since `pg_visible_in_snapshot` takes those of events only by way of a text. */
const selectBeside = `
select event.id
from audit_event as event
where event.tx < (select pg_snapshot_xmax($1::text::pg_snapshot)::text::bigint)
  and event.tx <> all (array(select pg_snapshot_xip($1::text::pg_snapshot)::text::bigint))
  and not exists (
    select from log_entries as entry
    where entry.event_id = event.id
      and entry.event_timestamp = event."timestamp"
  )
order by event.id
limit 1`

/** An entry without a leaf. The tree's size is read with the entries, since a sealer may have added to both meanwhile. */
async function entryBeyond(query: Query, { logId }: TreeState): Promise<Defect | null> {
  const { rows } = await query<{ index: number; size: number }>(selectBeyond, [logId])
  return rows[0] ? { kind: 'entry_beyond_the_tree', ...rows[0] } : null
}

const selectBeyond = `
select entry.log_index as index, tree.tree_size as size
from log_trees as tree
join log_entries as entry on entry.log_id = tree.log_id and entry.log_index >= tree.tree_size
where tree.log_id = $1
order by entry.log_index
limit 1`
