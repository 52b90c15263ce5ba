import type { Query } from '../database/database.ts'
import { type FeedHead, snapshotOf } from './feed-head.ts'
import type { FeedPosition } from './feed-position.ts'

/**
 * The snapshot at which a standby's next set ends. It ends at a transaction id, not at a moment: a transaction
 * that began to write before another may have recorded after it in the same execution. So it ends early enough
 * that no event is in the set while one before it, of the same execution, is not.
 */
export async function orderedEnd(query: Query, head: FeedHead, position: FeedPosition): Promise<string> {
  const from = snapshotOf(position.from)
  let end = snapshotOf(head.snapshot).xmax
  for (;;) {
    const { rows } = await query<{ first: string | null }>(selectFirstOutOfOrder, [
      String(from.xmax),
      String(end),
      from.inProgress.map(String),
    ])
    const first = rows[0]?.first ?? null
    if (first === null) return `${end}:${end}:`
    if (BigInt(first) < from.xmax) return position.from
    end = BigInt(first)
  }
}

/** What came with a dump waits for nothing: its transaction is one of another database, later than that of the row here. */
const selectFirstOutOfOrder = `
select min(later.tx)::text as first
from audit_event as earlier
join audit_event as later
  on later.execution_id = earlier.execution_id
 and later.execution_seq > earlier.execution_seq
where earlier.tx >= $2::bigint
  and (earlier.xmin::text::bigint - earlier.tx) & 4294967295 < 2147483648
  and later.tx < $2::bigint
  and (later.tx >= $1::bigint or later.tx = any($3::bigint[]))`
