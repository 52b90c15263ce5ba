import { createHash } from 'node:crypto'
import type { Query } from '@steptrail/core'
import type { Defect } from '@steptrail/verify'
import type { TreeState } from '../tree/tree-state.ts'

/** The digest by which the event of an erasure names the events that it erased: their ids, sorted, a line each. */
export const digestOfErased = (eventIds: readonly string[]): string =>
  createHash('sha256')
    .update(
      eventIds
        .toSorted()
        .map((id) => `${id}\n`)
        .join(''),
    )
    .digest('hex')

/**
 * An erased event of the log that no event accounts for; null when there is none. The event of the erasure may be too
 * young to be sealed; one that is kept from being sealed is found beside the log.
 */
export async function erasureDefect(query: Query, { logId }: TreeState): Promise<Defect | null> {
  const { rows } = await query<ErasureRow>(selectErasures, [logId])
  for (const { digest, erased } of rows) {
    const [first] = erased
    const ids = erased.map(({ eventId }) => eventId)
    if (first && digest !== digestOfErased(ids)) return { kind: 'erasure_unexplained', ...first }
  }
  return null
}

interface ErasureRow {
  /** Null where the event is missing. */
  readonly digest: string | null
  readonly erased: readonly { readonly index: number; readonly eventId: string }[]
}

const selectErasures = `
select event.details ->> 'digest' as digest,
       json_agg(json_build_object('index', entry.log_index, 'eventId', erasure.event_id) order by entry.log_index) as erased
from log_erasures as erasure
join log_entries as entry on entry.event_id = erasure.event_id
left join audit_event as event on event.id = erasure.erasure_id and event.event_type = 'TRAIL_ERASED'
group by erasure.erasure_id, event.details ->> 'digest'
having min(entry.log_id) <= $1 and max(entry.log_id) >= $1
order by min(entry.log_index)`
