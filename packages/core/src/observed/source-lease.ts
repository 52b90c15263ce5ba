import type { Database } from '../database/database.ts'

/** What one of several processes does at a time. */
export interface SourceLease {
  /** What it is done for, a UUID. */
  readonly sourceId: string
  /** Such as `temporal`. */
  readonly engine: string
  /** The process, by a name that no other has. */
  readonly holder: string
  /** How long it is its own, in milliseconds, from each time that it takes it. */
  readonly forMs: number
}

/**
 * Takes a lease, or takes it again. False when another has it, which took it no longer ago than it is for; one that was
 * taken later than that from now was taken by a clock that has been set back, and is over.
 */
export async function takeLease(
  database: Database,
  { sourceId, engine, holder, forMs }: SourceLease,
): Promise<boolean> {
  const { rows } = await database.query(takeSource, [sourceId, engine, holder, forMs])
  return rows.length === 1
}

/** Gives a lease back, where it is one's own. */
export async function giveLease(
  database: Database,
  { sourceId, holder }: Pick<SourceLease, 'sourceId' | 'holder'>,
): Promise<void> {
  await database.query(giveSource, [sourceId, holder])
}

const takeSource = `
insert into observed_sources as source (source_id, engine, last_batch)
values ($1, $2, array[$3::text])
on conflict (source_id) do update
set last_batch = excluded.last_batch,
    recorded_at = clock_timestamp()
where source.last_batch in (excluded.last_batch, '{}')
   or abs(extract(epoch from clock_timestamp() - source.recorded_at)) > $4::float8 / 1000
returning source_id`

const giveSource = `
update observed_sources
set last_batch = '{}'
where source_id = $1
  and last_batch = array[$2::text]`
