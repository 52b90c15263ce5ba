import { carefully, Outage, TrailError } from '@steptrail/event'
import type { Database } from '../database/database.ts'
import { ensureMonthsAhead } from '../partition/ensure-partitions.ts'
import { pause } from '../trail/pause.ts'
import type { RetentionOptions } from './run-context.ts'
import { runDueRetention } from './run-retention.ts'

/** How the daily run of retention goes. */
export interface DailyRetentionOptions extends Omit<RetentionOptions, 'now' | 'signal'> {
  /** The hour of the day, in UTC, from which on it is due: 0 to 23. */
  readonly hour: number
  /** Milliseconds until the first look, a minute unless given: what has just started has other things to do. */
  readonly firstLookMs?: number | undefined
  /** Milliseconds until a database that was away is asked again, a minute unless given. */
  readonly triesAgainMs?: number | undefined
  /** Told of what failed, which is tried again within the hour, and of what could not be freed, which is tried the next day. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

const looksEveryMs = 900_000
const repeatsAfterMs = 3_600_000

/**
 * Runs retention once a day, and keeps partitions made ahead. Any number of processes may do so on one database: one of
 * them runs, and what has been run that day by anybody is not due. After a time in which none was there it catches up.
 *
 * `waiting ⇄ looking → closed`
 */
export class DailyRetention implements AsyncDisposable {
  readonly #database: Database
  readonly #options: DailyRetentionOptions
  readonly #closing = new AbortController()
  readonly #ended: Promise<void>
  readonly #away = new Outage()
  #trouble: unknown = null

  /** Begins to wait at once. */
  constructor(database: Database, options: DailyRetentionOptions) {
    this.#database = database
    this.#options = { ...options, onTrouble: carefully(options.onTrouble) }
    this.#ended = this.#run()
  }

  /** Why its database cannot be reached, or why it failed when it was due last; null when neither is so. */
  get trouble(): unknown {
    return this.#away.cause ?? this.#trouble
  }

  /** Ends a run between two steps, which lets go of nothing then. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the process that ran it shut down'))
    await this.#ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    await pause(this.#options.firstLookMs ?? 60_000, signal)
    while (!signal.aborted) await pause(await this.#look(signal), signal)
  }

  /** Milliseconds until the next look. */
  async #look(signal: AbortSignal): Promise<number> {
    const { hour, onTrouble } = this.#options
    try {
      await ensureMonthsAhead(this.#database.query)
      const result = await runDueRetention(this.#database, { ...this.#options, signal }, hour)
      for (const { table, reason } of result?.unfreed ?? [])
        onTrouble(`retention has let go of a month, and cannot free ${table}`, new Error(reason))
      this.#trouble = null
      this.#away.over()
      return looksEveryMs
    } catch (cause) {
      const code = cause instanceof TrailError ? cause.code : undefined
      if (code === 'database_unreachable') {
        if (this.#away.isNews(cause) && !signal.aborted)
          onTrouble('retention waits until its database can be reached', cause)
        return this.#options.triesAgainMs ?? 60_000
      }
      this.#away.over()
      if (code === 'retention_running') return looksEveryMs
      this.#trouble = cause
      if (!signal.aborted)
        onTrouble('the daily run of retention failed; it is tried again within the hour', cause)
      return repeatsAfterMs
    }
  }
}
