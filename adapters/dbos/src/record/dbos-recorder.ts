import { setTimeout as pause } from 'node:timers/promises'
import type { Database, SourcedObservation } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import pg from 'pg'
import { type DbosSchemas, schemasOf } from '../install/place.ts'
import { observationOf } from './observation-of.ts'
import type { DbosRecorderOptions } from './dbos-recorder-options.ts'
import type { OutboxRow } from './outbox.ts'
import { outboxBatch, OutboxSession } from './outbox-session.ts'
import { isRefusal } from './refusal.ts'

const pauseAfterTroubleMs = 1_000

/**
 * Takes what happened out of the outbox beside DBOS and puts it on record in the trail, until it is closed. Any number of
 * processes may run one: a lock in DBOS's database lets one of them work at a time, and what is taken twice is on record
 * once. What the trail refuses is set aside, with the reason, and holds up nothing.
 *
 * `created → running → closed`
 */
export class DbosRecorder implements AsyncDisposable {
  readonly #database: Database
  readonly #options: DbosRecorderOptions
  readonly #schemas: DbosSchemas
  readonly #share: number
  readonly #closing = new AbortController()
  #session: OutboxSession | null = null
  #loop: Promise<void> | null = null
  #trouble: string | null = null
  #batch: Promise<Batch> = Promise.resolve(nothing)

  constructor(database: Database, options: DbosRecorderOptions) {
    this.#database = database
    this.#options = options
    this.#schemas = schemasOf(options)
    this.#share = shareOf(options)
  }

  /** Works until `close`. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /**
   * Puts on record all that is in the outbox now, and returns how much it was; 0 also when another process has the lock.
   *
   * @throws TrailError `invalid_configuration` when the adapter is not installed there; `recorder_closed`
   */
  async recordAll(): Promise<number> {
    let total = 0
    for (;;) {
      const { taken } = await this.#recordBatch()
      total += taken
      if (taken < outboxBatch) return total
    }
  }

  /** Waits for the batch under way, and gives the lock back. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#loop
    await Promise.allSettled([this.#batch])
    await this.#endSession()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      let waitMs = this.#options.pollMs ?? 1_000
      const sinceMs = performance.now()
      try {
        const { taken, lagMs } = await this.#recordBatch()
        const isBehind = lagMs > (this.#options.maxLagMs ?? 30_000)
        const restMs = isBehind ? 0 : (performance.now() - sinceMs) * (1 / this.#share - 1)
        waitMs = taken < outboxBatch ? Math.max(waitMs, restMs) : restMs
        this.#trouble = null
      } catch (cause) {
        waitMs = pauseAfterTroubleMs
        this.#tell('what DBOS did cannot be put on record at the moment; trying again', cause)
      }
      await pause(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** One batch at a time, whoever asks for it. */
  #recordBatch(): Promise<Batch> {
    this.#batch = this.#batchAfter(this.#batch)
    return this.#batch
  }

  async #batchAfter(before: Promise<Batch>): Promise<Batch> {
    await Promise.allSettled([before])
    if (this.#closing.signal.aborted)
      throw new TrailError('recorder_closed', 'the recorder of DBOS has been closed: make another')
    const session = (this.#session ??= await this.#open())
    try {
      if (!(await session.hold())) return nothing
      const rows = await session.read()
      await this.#record(rows, session)
      return { taken: rows.length, lagMs: Date.now() - (rows[0]?.at ?? Infinity) }
    } catch (error) {
      // The connection may be what has broken: the next batch begins with another.
      await this.#endSession()
      throw error
    }
  }

  /** A batch that is refused is tried in halves, down to what it is that cannot be on record. */
  async #record(rows: readonly OutboxRow[], session: OutboxSession): Promise<void> {
    if (rows.length === 0) return
    try {
      const told = rows.flatMap((row): SourcedObservation[] => {
        const observation = observationOf(row, session.knowledge)
        return observation === null ? [] : [{ id: row.id, observation }]
      })
      await session.recorder.record(told, () => session.confirm())
    } catch (cause) {
      if (!isRefusal(cause)) throw cause
      const [first, ...others] = rows
      if (first && others.length === 0) return await this.#refuse(first, { session, cause })
      const half = Math.ceil(rows.length / 2)
      await this.#record(rows.slice(0, half), session)
      return await this.#record(rows.slice(half), session)
    }
    await session.remove(rows)
  }

  async #refuse(row: OutboxRow, { session, cause }: { session: OutboxSession; cause: Error }): Promise<void> {
    await session.refuse(row, cause.message)
    this.#options.onTrouble?.(
      `the trail refuses what happened to workflow ${row.workflowId} of DBOS; it is set aside in ${this.#schemas.ours}.refused`,
      cause,
    )
  }

  async #open(): Promise<OutboxSession> {
    const client = new pg.Client({ connectionString: this.#options.url })
    // A session that breaks shows in the statement that needs it.
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await OutboxSession.begin(client, {
        schemas: this.#schemas,
        database: this.#database,
        options: this.#options,
      })
    } catch (error) {
      await client.end()
      throw error
    }
  }

  async #endSession(): Promise<void> {
    const session = this.#session
    this.#session = null
    await session?.end()
  }

  /** The same trouble is told once. */
  #tell(message: string, cause: unknown): void {
    const text = cause instanceof Error ? cause.message : String(cause)
    if (text !== this.#trouble) this.#options.onTrouble?.(message, cause)
    this.#trouble = text
  }
}

function shareOf({ share = 0.2 }: DbosRecorderOptions): number {
  if (share > 0 && share <= 1) return share
  throw new TrailError(
    'invalid_configuration',
    `a share of ${share} of the time is none: give a number over 0 and up to 1`,
    { details: { share } },
  )
}

/** What was taken at once, and how long ago the first of it happened. */
interface Batch {
  readonly taken: number
  readonly lagMs: number
}

const nothing: Batch = { taken: 0, lagMs: 0 }
