import type { Query } from '@steptrail/core'

/** The months whose partition of events was dropped by retention, as `2025_11`, by the events that say so. */
export async function droppedPartitionsIn(query: Query): Promise<ReadonlySet<string>> {
  const { rows } = await query<{ partition: string }>(
    `select event.details ->> 'partition' as partition
     from audit_event as event
     join log_entries as entry on entry.event_id = event.id
     where event.event_type = 'TRAIL_PARTITION_DROPPED'
       and event.details ->> 'partition' like 'audit\\_event\\_%'`,
  )
  return new Set(rows.map(({ partition }) => partition.replace('audit_event_', '')))
}
