import { type Database, snapshotOfCursor } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { readOpenTree } from '../tree/tree-state.ts'

/**
 * What retention is given as `ensureSealed`. Where there is a log, whatever happened before the instant has to be in
 * it, under a signed checkpoint: an event that was let go of before could be proven by nobody. Without a log nothing
 * is asked.
 *
 * @throws TrailError `event_not_sealed`
 */
export const requireSealed =
  (database: Database) =>
  async (before: string): Promise<void> => {
    const tree = await readOpenTree(database.query)
    if (tree === null) return
    const snapshot = tree.feedCursor ? await snapshotOfCursor(database, tree.feedCursor) : null
    const { rows } = await database.query<{ unsealed: string | null; unsigned: string | null }>(
      selectUnsealed,
      [snapshot ?? '1:1:', before, tree.logId, tree.checkpointSize],
    )
    const eventId = rows[0]?.unsealed ?? rows[0]?.unsigned
    if (!eventId) return
    const problem = rows[0]?.unsealed ? 'is not in the log' : 'is in the log and not under a checkpoint yet'
    throw new TrailError(
      'event_not_sealed',
      `event ${eventId}, which happened before ${before}, ${problem}: nothing was let go of. Run \`steptrail seal\`, then retention again.`,
      { details: { eventId, before } },
    )
  }

const selectUnsealed = `
select
  (
    select event.id
    from audit_event as event
    where event.tx >= pg_snapshot_xmin($1::text::pg_snapshot)::text::bigint
      and event."timestamp" < $2::timestamptz
      and not exists (select from log_entries as entry where entry.event_id = event.id)
    order by event.id
    limit 1
  ) as unsealed,
  (
    select entry.event_id
    from log_entries as entry
    where entry.log_id = $3::int
      and entry.log_index >= $4::bigint
      and entry.event_timestamp < $2::timestamptz
    order by entry.log_index
    limit 1
  ) as unsigned`
