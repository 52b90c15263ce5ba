import type { Query } from '../database/database.ts'

/** Numbers that are missing among the events of one recorder. */
export interface RecorderGap {
  readonly recorderId: string
  /** Of its last event on record; null where that names none. */
  readonly serviceName: string | null
  /** Events that are not on record: they were dropped, or wait in a spool. */
  readonly missing: number
  /** When the database took the event behind the last gap (ISO 8601). */
  readonly lastAt: string
}

/** How far back is looked. */
export interface RecorderGapsRequest {
  /** Gaps are told of that lie this far back at most, in milliseconds. Default: a day. */
  readonly withinMs?: number | undefined
  /** Events that are read at most, the newest; the older half only tells what is not missing. Default: 50,000. */
  readonly events?: number | undefined
  /** Younger ones may be beside others that are about to commit, in milliseconds. Default: ten seconds. */
  readonly settledMs?: number | undefined
}

/**
 * The recorders whose events have numbers missing between them, the largest loss first, as far as the newest events
 * tell: those that a recorder lost after its last one on record leave no gap, and are only in its own counts. To be read
 * with the rights to see every tenant, since what is not seen looks like what is missing.
 */
export async function readRecorderGaps(
  { query }: { readonly query: Query },
  request: RecorderGapsRequest = {},
): Promise<readonly RecorderGap[]> {
  const { withinMs = 24 * 60 * 60_000, events = 50_000, settledMs = 10_000 } = request
  const { rows } = await query<GapRow>(selectGaps, [events, Math.ceil(events / 2), withinMs, settledMs])
  return rows.map(({ recorder_id, service_name, missing, last_at }) => ({
    recorderId: recorder_id,
    serviceName: service_name,
    missing,
    lastAt: last_at,
  }))
}

interface GapRow {
  readonly recorder_id: string
  readonly service_name: string | null
  readonly missing: number
  readonly last_at: string
}

/**
 * Read in the order of transactions, in which a recorder's events come about as they are numbered. What came with a dump
 * may have transactions that are still to come in this database, and is not the newest.
 */
const selectGaps = `
with newest as (
  select recorder_id, recorder_seq, service_name, recorded_at,
         row_number() over (order by tx desc) as place
  from audit_event
  where tx < (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
  order by tx desc
  limit $1
),
numbered as (
  select recorder_id, recorded_at, place,
         recorder_seq - 1 - lag(recorder_seq) over (partition by recorder_id order by recorder_seq) as missing,
         first_value(service_name) over (partition by recorder_id order by recorder_seq desc) as last_service_name
  from newest
  where recorder_seq is not null
)
select recorder_id, last_service_name as service_name,
       sum(missing)::bigint as missing, max(recorded_at) as last_at
from numbered
where missing > 0
  and place <= $2
  and recorded_at > clock_timestamp() - $3 * interval '1 millisecond'
  and recorded_at <= clock_timestamp() - $4 * interval '1 millisecond'
group by recorder_id, last_service_name
order by missing desc, recorder_id`
