import { setTimeout as pause } from 'node:timers/promises'
import { type Database, ObservationRecorder, type SourcedObservation } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import pg from 'pg'
import { dbosCapabilities } from '../capabilities.ts'
import { type DbosPlace, type DbosSchemas, schemasOf } from '../install/place.ts'
import type { WrappedStep } from '../steps/attempt-log.ts'
import { observationOf } from './observation-of.ts'
import { type OutboxRow, selectOutbox } from './outbox.ts'
import { isRefusal } from './refusal.ts'

/** How what DBOS did is put on record. */
export interface DbosRecorderOptions extends DbosPlace {
  /** `service_name` of executions, and of steps that are not wrapped. Default `dbos`. */
  readonly serviceName?: string | undefined
  /** Whose the executions are. Default `default`. */
  readonly tenant?: string | undefined
  /** How long it waits before it looks again when there was nothing, in milliseconds. Default 100. */
  readonly pollMs?: number | undefined
  /** Told when something cannot be put on record, or not now. */
  readonly onTrouble?: ((message: string, cause: unknown) => void) | undefined
}

const batchSize = 500
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
  readonly #closing = new AbortController()
  #session: Session | null = null
  #loop: Promise<void> | null = null
  #trouble: string | null = null

  constructor(database: Database, options: DbosRecorderOptions) {
    this.#database = database
    this.#options = options
    this.#schemas = schemasOf(options)
  }

  /** Works until `close`. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /**
   * Puts on record all that is in the outbox now, and returns how much it was; 0 also when another process has the lock.
   *
   * @throws TrailError `invalid_configuration` when the adapter is not installed there
   */
  async recordAll(): Promise<number> {
    let total = 0
    for (;;) {
      const taken = await this.#recordBatch()
      total += taken
      if (taken === 0) return total
    }
  }

  /** Ends the batch under way, and gives the lock back. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#loop
    await this.#endSession()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      let waitMs = this.#options.pollMs ?? 100
      try {
        if ((await this.recordAll()) > 0) waitMs = 0
        this.#trouble = null
      } catch (cause) {
        waitMs = pauseAfterTroubleMs
        this.#tell('what DBOS did cannot be put on record at the moment; trying again', cause)
        await this.#endSession()
      }
      if (waitMs > 0) await pause(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #recordBatch(): Promise<number> {
    const session = (this.#session ??= await this.#open())
    if (!(await session.hold())) return 0
    const rows = await session.read()
    await this.#record(rows, session)
    return rows.length
  }

  /** A batch that is refused is tried in halves, down to what it is that cannot be on record. */
  async #record(rows: readonly OutboxRow[], session: Session): Promise<void> {
    if (rows.length === 0) return
    try {
      const told = rows.flatMap((row): SourcedObservation[] => {
        const observation = observationOf(row, session.knowledge)
        return observation === null ? [] : [{ id: row.id, observation }]
      })
      await session.recorder.record(told)
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

  async #refuse(row: OutboxRow, { session, cause }: { session: Session; cause: Error }): Promise<void> {
    await session.refuse(row, cause.message)
    this.#options.onTrouble?.(
      `the trail refuses what happened to workflow ${row.workflowId} of DBOS; it is set aside in ${this.#schemas.ours}.refused`,
      cause,
    )
  }

  async #open(): Promise<Session> {
    const client = new pg.Client({ connectionString: this.#options.url })
    // A session that breaks shows in the statement that needs it.
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await Session.begin(client, {
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

interface SessionParts {
  readonly schemas: DbosSchemas
  readonly database: Database
  readonly options: DbosRecorderOptions
}

/** A connection to the database of DBOS, which may hold the lock of whoever takes from the outbox. */
class Session {
  readonly recorder: ObservationRecorder
  readonly #client: pg.Client
  readonly #parts: SessionParts
  readonly #sourceId: string
  #isHeld = false
  #wrapped: ReadonlyMap<string, WrappedStep> = new Map()

  private constructor(client: pg.Client, parts: SessionParts, sourceId: string) {
    const { serviceName = 'dbos', tenant } = parts.options
    this.#client = client
    this.#parts = parts
    this.#sourceId = sourceId
    this.recorder = new ObservationRecorder(parts.database, {
      engine: { name: 'dbos', sourceId, capabilities: dbosCapabilities },
      serviceName,
      tenant,
    })
  }

  static async begin(client: pg.Client, parts: SessionParts): Promise<Session> {
    const { ours } = parts.schemas
    const { rows: found } = await client.query<{ is_there: boolean }>(
      `select to_regclass($1) is not null as is_there`,
      [`${ours}.installation`],
    )
    if (found[0]?.is_there !== true)
      throw new TrailError(
        'invalid_configuration',
        `the adapter is not installed beside DBOS: there is no ${ours}.installation in its database. Call install first`,
        { details: { schema: ours } },
      )
    const { rows } = await client.query<{ source_id: string }>(`select source_id from ${ours}.installation`)
    return new Session(client, parts, rows[0]?.source_id ?? '')
  }

  get knowledge() {
    return { wrapped: this.#wrapped, serviceName: this.#parts.options.serviceName ?? 'dbos' }
  }

  /** Whether the lock is held; it is for as long as the connection lasts. */
  async hold(): Promise<boolean> {
    if (this.#isHeld) return true
    const { rows } = await this.#client.query<{ held: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
      [`steptrail dbos ${this.#sourceId}`],
    )
    this.#isHeld = rows[0]?.held === true
    return this.#isHeld
  }

  async read(): Promise<readonly OutboxRow[]> {
    const { rows } = await this.#client.query<OutboxRow>(selectOutbox(this.#parts.schemas), [batchSize])
    if (rows.length > 0) await this.#readWrapped()
    return rows
  }

  async remove(rows: readonly OutboxRow[]): Promise<void> {
    await this.#client.query(`delete from ${this.#parts.schemas.ours}.outbox where id = any($1::bigint[])`, [
      rows.map(({ id }) => id),
    ])
  }

  async refuse({ id }: OutboxRow, reason: string): Promise<void> {
    const { ours } = this.#parts.schemas
    await this.#client.query(
      `with taken as (delete from ${ours}.outbox where id = $1 returning *)
      insert into ${ours}.refused (id, workflow_id, kind, at, body, reason)
      select id, workflow_id, kind, at, body, $2 from taken`,
      [id, reason],
    )
  }

  async end(): Promise<void> {
    await this.#client.end()
  }

  async #readWrapped(): Promise<void> {
    const { rows } = await this.#client.query<{ name: string; body: Omit<WrappedStep, 'name'> }>(
      `select name, body from ${this.#parts.schemas.ours}.wrapped_step`,
    )
    this.#wrapped = new Map(rows.map(({ name, body }) => [name, { name, ...body }]))
  }
}
