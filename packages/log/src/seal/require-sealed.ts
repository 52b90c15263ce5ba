import type { Database } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { sealedSnapshot, unsealedEvents } from '../read/sealing-lag.ts'
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
    const sealed = await sealedSnapshot(database, tree)
    const { rows } = await database.query<{ unsealed: string | null; unsigned: string | null }>(
      selectUnsealed,
      [sealed, before, tree.logId, tree.checkpointSize],
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
    from ${unsealedEvents}
      and event."timestamp" < $2::timestamptz
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
