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
import { bullmqCapabilities } from '../capabilities.ts'
import type { BullmqSchemas } from '../install/place.ts'
import { requireVersion } from '../install/require-version.ts'
import { installedVersion, notedBody, triggerNames } from '../install/tables.ts'
import type { BullmqRecorderOptions } from './bullmq-recorder-options.ts'
import { meaningOfEntries, type MeaningOfEntries } from './meaning-of-entries.ts'
import { executionOf } from './observations-of.ts'
import type { OpenAttempt, OpenAttempts } from './open-attempt.ts'
import type { OutboxEntry } from './outbox.ts'

/** What a session is made of. */
export interface SessionParts {
  readonly schemas: BullmqSchemas
  readonly database: Database
  readonly options: BullmqRecorderOptions
  readonly connecting: Connecting
}

/** A connection to the database of BullMQ, which may hold the lock of whoever takes from the outbox. */
export class PostgresOutbox implements ObservationSource<OutboxEntry> {
  readonly recorder: ObservationRecorder
  readonly #client: pg.Client
  readonly #parts: SessionParts
  readonly #installed: Installed
  readonly #triggers: WatchedTriggers
  #isHeld = false
  #open: OpenAttempts = new Map()

  private constructor(client: pg.Client, parts: SessionParts, installed: Installed) {
    const { serviceName = 'bullmq', tenant } = parts.options
    this.#client = client
    this.#parts = parts
    this.#installed = installed
    this.#triggers = new WatchedTriggers((text, values) => client.query(text, values), {
      engine: 'BullMQ',
      schema: parts.schemas.ours,
      names: triggerNames,
      onTrouble: parts.options.onTrouble,
    })
    this.recorder = new ObservationRecorder(parts.database, {
      engine: { name: 'bullmq', sourceId: installed.source_id, capabilities: bullmqCapabilities },
      serviceName,
      tenant,
    })
  }

  static async begin(client: pg.Client, parts: SessionParts): Promise<PostgresOutbox> {
    const { ours } = parts.schemas
    const { rows: found } = await client.query<{ is_there: boolean }>(
      `select to_regclass($1) is not null as is_there`,
      [`${ours}.installation`],
    )
    if (found[0]?.is_there !== true)
      throw new TrailError(
        'invalid_configuration',
        `the adapter is not installed beside BullMQ: there is no ${ours}.installation in its database. Call install first`,
        { details: { schema: ours } },
      )
    await client.query(askWhetherThere)
    const { rows } = await client.query<Installed>(
      `select source_id, version, installed_at::float8 as installed_at from ${ours}.installation`,
    )
    const installed = rows[0] ?? { source_id: '', version: installedVersion, installed_at: 0 }
    requireVersion({ where: ours, version: installed.version, installedVersion })
    return new PostgresOutbox(client, parts, installed)
  }

  /** What is known of attempts under way was written by whoever had the lock before. */
  async hold(): Promise<boolean> {
    if (this.#isHeld) return true
    const { rows } = await this.#client.query<{ held: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
      [`steptrail bullmq ${this.#installed.source_id}`],
    )
    if (rows[0]?.held !== true) return false
    const { rows: kept } = await this.#client.query<{ open_attempts: Record<string, OpenAttempt> }>(
      `select open_attempts from ${this.#parts.schemas.ours}.installation`,
    )
    this.#open = new Map(Object.entries(kept[0]?.open_attempts ?? {}))
    this.#isHeld = true
    return true
  }

  /** Whoever has got the lock since then waits in the trail, and sees what was put on record. */
  async confirm(): Promise<void> {
    await this.#client.query('select')
  }

  async read(): Promise<readonly OutboxEntry[]> {
    await this.#triggers.look()
    const { rows } = await this.#client.query<OutboxEntry>(selectOutbox(this.#parts.schemas), [sourceBatch])
    return rows
  }

  observationsOf(entries: readonly OutboxEntry[]): readonly SourcedObservation[] {
    return this.#told(entries).observations
  }

  /** In one statement, so that what is known of attempts under way is of just what is left. */
  async remove(entries: readonly OutboxEntry[]): Promise<void> {
    const { open } = this.#told(entries)
    const { ours } = this.#parts.schemas
    await this.#client.query(
      `with taken as (delete from ${ours}.outbox where id = any($1::bigint[]))
      update ${ours}.installation set open_attempts = $2::text::jsonb`,
      [entries.map(({ id }) => id), JSON.stringify(Object.fromEntries(open))],
    )
    this.#open = open
  }

  /** An attempt that ended is over, though that is not on record. */
  async refuse(entry: OutboxEntry, reason: string): Promise<string> {
    const { id, queue, jobId, kind } = entry
    const { ours } = this.#parts.schemas
    const open = new Map(this.#open)
    if (kind === 'left' || kind === 'removed') open.delete(executionOf(entry))
    await this.#client.query(
      `with taken as (delete from ${ours}.outbox where id = $1 returning *),
      aside as (
        insert into ${ours}.refused (id, queue, job_id, added_at, kind, at, body, reason)
        select id, queue, job_id, added_at, kind, at, ${notedBody('taken')}, $2 from taken)
      update ${ours}.installation set open_attempts = $3::text::jsonb`,
      [id, reason, JSON.stringify(Object.fromEntries(open))],
    )
    this.#open = open
    return `the trail refuses what happened to job ${jobId} of queue ${queue} of BullMQ; it is set aside in ${ours}.refused`
  }

  async end(): Promise<void> {
    await this.#parts.connecting.end(this.#client.end())
  }

  #told(entries: readonly OutboxEntry[]): MeaningOfEntries {
    return meaningOfEntries(entries, this.#open, {
      serviceName: this.#parts.options.serviceName ?? 'bullmq',
      installedAt: this.#installed.installed_at,
    })
  }
}

interface Installed {
  readonly source_id: string
  readonly version: number
  readonly installed_at: number
}

/** The oldest entries of the outbox. */
const selectOutbox = ({ ours }: BullmqSchemas): string => `
select id::text as id, queue, job_id as "jobId", added_at::float8 as "addedAt", kind, at::float8 as at,
       ${notedBody('outbox')} as body
from ${ours}.outbox
order by outbox.id
limit $1`
