import type { Database } from '@steptrail/core'
import { type Actor, systemClock } from '@steptrail/event'
import { type Defect, describeDefect } from '@steptrail/verify'
import { readSealingLag, type SealingLag } from '../read/sealing-lag.ts'
import { type RunsReport, verifyRuns } from '../run/verify-runs.ts'
import { recordOfTrail } from '../seal/begin-log.ts'
import { verifyLogs } from './verify-log.ts'
import type { LogReport, VerifyOptions, WalkPosition } from './verify-options.ts'

/** How to verify the trail. */
export interface VerifyTrailOptions extends VerifyOptions {
  /** Who verifies: goes on record with what was found. Null leaves no record. */
  readonly actor: Actor | null
}

/** What verifying the trail found. */
export interface TrailReport {
  readonly outcome: 'verified' | 'defect' | 'interrupted'
  readonly logs: readonly LogReport[]
  /** Null where the logs were not verified to their end. */
  readonly executions: Omit<RunsReport, 'defect' | 'isInterrupted'> | null
  readonly lag: SealingLag
  /** The first thing that is wrong; null when nothing is. */
  readonly defect: Defect | null
  /** `database`: the keys were believed that the database itself names. */
  readonly keysFrom: 'given' | 'database'
  /** Where to go on after an interruption; null when there was none, or the logs had been verified by then. */
  readonly position: WalkPosition | null
}

/**
 * Verifies everything: the logs against what was signed, then each execution against its definition. It ends at the
 * first thing that is wrong, and records that it ran and what it found.
 */
export async function verifyTrail(database: Database, options: VerifyTrailOptions): Promise<TrailReport> {
  const report = await lookThrough(database, options)
  if (options.actor && report.outcome !== 'interrupted')
    await recordRun(database, options.actor, { report, options })
  return report
}

async function lookThrough(database: Database, options: VerifyTrailOptions): Promise<TrailReport> {
  const keysFrom = options.keys && options.keys.length > 0 ? 'given' : 'database'
  const found = await verifyLogs(database, options)
  const base = { logs: found.logs, keysFrom, lag: await readSealingLag(database), executions: null } as const
  if (found.outcome === 'interrupted')
    return { ...base, outcome: 'interrupted', defect: null, position: found.position }
  if (found.outcome === 'defect') return { ...base, outcome: 'defect', defect: found.defect, position: null }
  const { since, signal, onProgress } = options
  const runs = await verifyRuns(database, { since, signal, onProgress })
  const { defect, isInterrupted, ...executions } = runs
  const outcome = defect ? 'defect' : isInterrupted ? 'interrupted' : 'verified'
  return { ...base, outcome, defect, executions, position: null }
}

async function recordRun(
  database: Database,
  actor: Actor,
  { report, options }: { readonly report: TrailReport; readonly options: VerifyTrailOptions },
): Promise<void> {
  const { logs, executions, defect, outcome } = report
  const nowMs = (options.clock ?? systemClock).now()
  await database.transaction((tx) =>
    recordOfTrail(tx, {
      eventType: 'TRAIL_VERIFIED',
      actor,
      nowMs,
      reason: defect && describeDefect(defect),
      status: outcome === 'verified' ? 'SUCCESS' : 'FAILED',
      details: {
        eventCount: logs.reduce((sum, log) => sum + log.verified, 0),
        executionCount: executions ? executions.ended + executions.open : 0,
        logs: logs.map(({ origin, size }) => ({ origin, size })),
        ...(defect && { defect: { ...defect } }),
      },
    }),
  )
}
