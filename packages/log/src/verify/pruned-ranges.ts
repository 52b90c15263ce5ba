import { createHash } from 'node:crypto'
import type { Query } from '@steptrail/core'

/** Entries whose events retention let go of, as sealed events attest it. */
export class PrunedRanges {
  /** By log, ordered, apart from one another. */
  readonly #byLog: ReadonlyMap<number, readonly PrunedRange[]>

  constructor(ranges: readonly PrunedRange[]) {
    this.#byLog = Map.groupBy(
      ranges.toSorted((one, other) => one.from_index - other.from_index),
      ({ log_id: logId }) => logId,
    )
  }

  /** Whether the event of an entry was let go of. */
  has(logId: number, index: number): boolean {
    const ranges = this.#byLog.get(logId) ?? []
    let [low, high] = [0, ranges.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranges[middle]?.to_index ?? 0) < index) low = middle + 1
      else high = middle
    }
    return (ranges[low]?.from_index ?? Infinity) <= index
  }
}

/**
 * The ranges that the trail itself attests: those of runs of which an event has the digest over them. What the table
 * says beyond that, or otherwise, does not count, and the events are missing then. The event may be too young to be
 * sealed; one that is kept from being sealed is found beside the log.
 */
export async function readPrunedRanges(query: Query): Promise<PrunedRanges> {
  const { rows: attested } = await query<Attestation>(selectAttested)
  const { rows } = await query<PrunedRange>(selectRanges)
  const digests = new Set(attested.map(({ run_id, partition, digest }) => `${run_id} ${partition} ${digest}`))
  const byRun = Map.groupBy(rows, ({ run_id, partition }) => `${run_id} ${partition}`)
  const counted = [...byRun].filter(([run, ranges]) => digests.has(`${run} ${digestOf(ranges)}`))
  return new PrunedRanges(counted.flatMap(([, ranges]) => ranges))
}

interface PrunedRange {
  readonly run_id: string
  readonly partition: string
  readonly log_id: number
  readonly from_index: number
  readonly to_index: number
}

interface Attestation {
  readonly run_id: string
  readonly partition: string
  readonly digest: string
}

/** In the order of logs and indexes: the log, the first index and the last, a line each. */
function digestOf(ranges: readonly PrunedRange[]): string {
  const hash = createHash('sha256')
  for (const range of ranges) hash.update(`${range.log_id} ${range.from_index} ${range.to_index}\n`)
  return hash.digest('hex')
}

const selectAttested = `
select event.details ->> 'runId' as run_id, event.details ->> 'partition' as "partition",
       event.details ->> 'prunedDigest' as digest
from audit_event as event
where event.event_type = 'TRAIL_PARTITION_DROPPED'
  and event.details ? 'prunedDigest'`

const selectRanges = `
select run_id, partition_name as "partition", log_id, from_index, to_index
from log_pruned_ranges
order by log_id, from_index`
