import { type Actor, TrailError } from '@steptrail/event'
import { pause } from '../trail/pause.ts'
import type { Archive } from './archive/archive.ts'

/** How a run of retention goes. */
export interface RetentionOptions {
  /** Who runs it. */
  readonly by: Actor
  /** Where rows go before they are let go of; null to let go of them for good. See `parquetArchive`. */
  readonly archive: Archive | null
  /** Called before anything is archived: what happened before this instant has to be sealed, or it throws. */
  readonly ensureSealed?: ((before: string) => Promise<void>) | undefined
  /** How long writers may be kept waiting, at a time, in milliseconds: 500 unless given. */
  readonly lockTimeoutMs?: number | undefined
  /** How often it tries to come between writers and long reads: 20 unless given. */
  readonly lockTries?: number | undefined
  /** Milliseconds since 1970, instead of the database's clock. */
  readonly now?: number | undefined
  /** Ends it between two steps; nothing is let go of then. */
  readonly signal?: AbortSignal | undefined
}

/** What a run works with. */
export interface RunContext {
  readonly runId: string
  readonly at: string
  readonly options: RetentionOptions
}

/** What must still be so when rows are let go of. */
export interface TrailState {
  /** Changes with every hold and policy. */
  readonly rules: string
  /** A `pg_snapshot` as text: what it does not show was committed since. */
  readonly snapshot: string
}

/** Says that something changed which the run goes by. */
export const changed = (what: string): TrailError =>
  new TrailError(
    'retention_changed',
    `${what} while retention ran: nothing was let go of. Run it again, and it goes by what holds then.`,
  )

const lockNotAvailable = '55P03'
const deadlock = '40P01'

const never = new AbortController().signal

/** What is tried until no lock is in the way. */
export interface LockTries {
  readonly place: string
  readonly lockTries: number
  readonly signal: AbortSignal | undefined
}

/**
 * Tries work that waits for locks no longer than it is told, again and again, with a pause in which others go on.
 *
 * @throws TrailError `retention_blocked`
 */
export async function betweenLocks<T>(
  { place, lockTries, signal }: LockTries,
  tried: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tried()
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null
      if (code !== lockNotAvailable && code !== deadlock) throw error
      if (attempt >= lockTries) throw blocked(place, error)
      await pause(Math.min(50 * attempt, 1_000), signal ?? never)
      signal?.throwIfAborted()
    }
  }
}

const blocked = (place: string, cause: unknown): TrailError =>
  new TrailError(
    'retention_blocked',
    `${place} was in use all the time: nothing was let go of. Long transactions are in the way, such as exports; run it when they have ended.`,
    { details: { place }, cause },
  )
