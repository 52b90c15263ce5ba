import {
  askWhetherThere,
  type Connecting,
  type Database,
  ObservationRecorder,
  type ObservationSource,
  sourceBatch,
  type SourcedObservation,
  WatchedTriggers,
} from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type pg from 'pg'
import { dbosCapabilities } from '../capabilities.ts'
import type { DbosSchemas } from '../install/place.ts'
import { requireVersion } from '../install/require-version.ts'
import { notedBody, triggerNames, unfinished } from '../install/tables.ts'
import type { WrappedStep } from '../steps/attempt-log.ts'
import type { DbosRecorderOptions } from './dbos-recorder-options.ts'
import { observationOf } from './observation-of.ts'
import { type OutboxRow, selectOutbox } from './outbox.ts'

/** What a session is made of. */
export interface SessionParts {
  readonly schemas: DbosSchemas
  readonly database: Database
  readonly options: DbosRecorderOptions
  readonly connecting: Connecting
}

/** A connection to the database of DBOS, which may hold the lock of whoever takes from the outbox. */
export class OutboxSession implements ObservationSource<OutboxRow> {
  readonly recorder: ObservationRecorder
  readonly #client: pg.Client
  readonly #parts: SessionParts
  readonly #sourceId: string
  readonly #triggers: WatchedTriggers
  #isHeld = false
  #wrapped: ReadonlyMap<string, WrappedStep> = new Map()

  private constructor(client: pg.Client, parts: SessionParts, sourceId: string) {
    const { serviceName = 'dbos', tenant } = parts.options
    this.#client = client
    this.#parts = parts
    this.#sourceId = sourceId
    this.#triggers = new WatchedTriggers((text, values) => client.query(text, values), {
      engine: 'DBOS',
      schema: parts.schemas.ours,
      names: triggerNames,
      onTrouble: parts.options.onTrouble,
    })
    this.recorder = new ObservationRecorder(parts.database, {
      engine: { name: 'dbos', sourceId, capabilities: dbosCapabilities },
      serviceName,
      tenant,
    })
  }

  static async begin(client: pg.Client, parts: SessionParts): Promise<OutboxSession> {
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
    await client.query(askWhetherThere)
    const { rows } = await client.query<{ source_id: string }>(`select source_id from ${ours}.installation`)
    return new OutboxSession(client, parts, rows[0]?.source_id ?? '')
  }

  async hold(): Promise<boolean> {
    if (!(await this.#isInstalled())) return false
    if (this.#isHeld) return true
    const { rows } = await this.#client.query<{ held: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
      [`steptrail dbos ${this.#sourceId}`],
    )
    this.#isHeld = rows[0]?.held === true
    return this.#isHeld
  }

  /** Whoever has got the lock since then waits in the trail, and sees what was put on record. */
  async confirm(): Promise<void> {
    await this.#client.query('select')
  }

  async read(): Promise<readonly OutboxRow[]> {
    await this.#triggers.look()
    const { rows } = await this.#client.query<OutboxRow>(selectOutbox(this.#parts.schemas), [sourceBatch])
    await this.#readWrapped(rows)
    return rows
  }

  observationsOf(rows: readonly OutboxRow[]): readonly SourcedObservation[] {
    const { serviceName = 'dbos' } = this.#parts.options
    return rows.flatMap((row) => {
      const observation = observationOf(row, { wrapped: this.#wrapped, serviceName })
      return observation === null ? [] : [{ id: row.id, observation }]
    })
  }

  async remove(rows: readonly OutboxRow[]): Promise<void> {
    await this.#client.query(`delete from ${this.#parts.schemas.ours}.outbox where id = any($1::bigint[])`, [
      rows.map(({ id }) => id),
    ])
  }

  async refuse({ id, workflowId }: OutboxRow, reason: string): Promise<string> {
    const { ours } = this.#parts.schemas
    await this.#client.query(
      `with taken as (delete from ${ours}.outbox where id = $1 returning *)
      insert into ${ours}.refused (id, workflow_id, kind, at, body, reason)
      select id, workflow_id, kind, at, ${notedBody('taken')}, $2 from taken`,
      [id, reason],
    )
    return `the trail refuses what happened to workflow ${workflowId} of DBOS; it is set aside in ${ours}.refused`
  }

  async end(): Promise<void> {
    await this.#parts.connecting.end(this.#client.end())
  }

  /** False while what happened before is on its way into the outbox: it is to be on record first. */
  async #isInstalled(): Promise<boolean> {
    const { ours } = this.#parts.schemas
    const { rows } = await this.#client.query<{ version: number }>(`select version from ${ours}.installation`)
    const version = rows[0]?.version ?? unfinished
    if (version !== unfinished) requireVersion({ where: ours, version })
    return version !== unfinished
  }

  /** Of those that are told of: an application may name its steps by what they are given. */
  async #readWrapped(told: readonly OutboxRow[]): Promise<void> {
    const names = new Set(
      told.flatMap((row) => (row.kind === 'step' && row.body.name ? [row.body.name] : [])),
    )
    if (names.size === 0) return
    const { rows } = await this.#client.query<{ name: string; body: Omit<WrappedStep, 'name'> }>(
      `select name, body from ${this.#parts.schemas.ours}.wrapped_step where name = any($1)`,
      [[...names]],
    )
    this.#wrapped = new Map(rows.map(({ name, body }) => [name, { name, ...body }]))
  }
}
