import type { Database, Query } from '@steptrail/core'
import { readOpenTree, readTrees } from '../tree/tree-state.ts'
import { readSealingLag, type SealingLag } from './sealing-lag.ts'

/** One log as it stands. */
export interface LogStanding {
  readonly origin: string
  /** Entries in its tree. */
  readonly size: number
  /** Entries that its last checkpoint covers. */
  readonly signedSize: number
  /** When that was signed (ISO 8601); null before the first. */
  readonly signedAt: string | null
  readonly begunAt: string
  /** Null for the log that grows. */
  readonly endedAt: string | null
  /** The keys that signed it, as vkeys, the last one first. They are the database's word. */
  readonly keys: readonly string[]
}

/** What verifying the trail found when it last ran to its end. */
export interface LastVerification {
  readonly at: string
  readonly outcome: 'verified' | 'defect'
  /** The first thing that was wrong; null when nothing was. */
  readonly defect: string | null
  /** What `verifyTrail` put on record. */
  readonly details: Readonly<Record<string, unknown>>
}

/** The logs of a trail, what waits to be sealed, and what verifying found. */
export interface LogStatus {
  /** The first one first. */
  readonly logs: readonly LogStanding[]
  /** Counted up to `unsealedCountLimit`. */
  readonly lag: SealingLag
  /** Null where it never ran. */
  readonly lastVerification: LastVerification | null
}

/** The log that grows, in numbers. */
export interface GrowingLog {
  readonly signedSize: number
  readonly signedAt: string | null
  /** When the oldest event was recorded that waits to be sealed; null when none does. */
  readonly oldestUnsealedAt: string | null
}

/** The log that grows, in numbers that are cheap to have; null before one has begun. */
export async function readGrowingLog(database: Database): Promise<GrowingLog | null> {
  const tree = await readOpenTree(database.query)
  if (!tree) return null
  const { oldestAt } = await readSealingLag(database, { limit: 1 })
  return { signedSize: tree.checkpointSize, signedAt: tree.signedAt, oldestUnsealedAt: oldestAt }
}

/** As many events that wait to be sealed are counted, and no more. */
export const unsealedCountLimit = 10_000

/** How the logs stand. */
export async function readLogStatus(database: Database): Promise<LogStatus> {
  const { query } = database
  const keys = await keysByLog(query)
  const trees = await readTrees(query)
  const logs = trees.map(({ logId, origin, size, checkpointSize, signedAt, begunAt, endedAt }) => ({
    origin,
    size,
    signedSize: checkpointSize,
    signedAt,
    begunAt,
    endedAt,
    keys: keys.get(logId) ?? [],
  }))
  const lag = await readSealingLag(database, { limit: unsealedCountLimit })
  return { logs, lag, lastVerification: await readLastVerification(query) }
}

async function keysByLog(query: Query): Promise<ReadonlyMap<number, readonly string[]>> {
  const { rows } = await query<{ log_id: number; vkeys: readonly string[] }>(
    `select log_id, array_agg(vkey order by since_size desc, created_at desc) as vkeys
     from log_keys
     group by log_id`,
  )
  return new Map(rows.map(({ log_id: logId, vkeys }) => [logId, vkeys]))
}

async function readLastVerification(query: Query): Promise<LastVerification | null> {
  const { rows } = await query<{
    readonly at: string
    readonly status: string
    readonly reason: string | null
    readonly details: Readonly<Record<string, unknown>> | null
  }>(
    `select "timestamp" as at, status, reason, details
     from audit_event
     where event_type = 'TRAIL_VERIFIED'
     order by "timestamp" desc
     limit 1`,
  )
  const [row] = rows
  if (!row) return null
  const { at, status, reason, details } = row
  return {
    at,
    outcome: status === 'SUCCESS' ? 'verified' : 'defect',
    defect: reason,
    details: details ?? {},
  }
}
