import { type Connecting, connectingTo } from '@steptrail/core'
import pg from 'pg'
import { type BullmqPlace, schemasOf } from '../install/place.ts'
import { type AttemptNotes, jobOf, type Jobs, NoteLog, type Notes } from './note-log.ts'

/**
 * Writes notes into the outbox in PostgreSQL. A commit here waits for no disk: the next commit of BullMQ does, and brings
 * everything there that was committed before it.
 *
 * `open → closed`
 */
export class PostgresNotes implements Notes {
  readonly #pool: pg.Pool
  readonly #connecting: Connecting
  readonly #insert: string
  readonly #log = new NoteLog((notes) => this.#writeNotes(notes))

  /** Each job is looked up by its key, however many there are: a join might read them all. */
  constructor(place: BullmqPlace, answerWithinMs: number) {
    const { ours, theirs } = schemasOf(place)
    this.#insert = `
insert into ${ours}.outbox (queue, job_id, added_at, kind, body)
select note.queue, note."jobId", job.added_at_ms, 'noted', note.body
from rows from (
    json_to_recordset($1::text::json)
      as (queue text, "jobId" text, attempt int, body jsonb))
  with ordinality as note (queue, "jobId", attempt, body, place)
cross join lateral (
  select added_at_ms
  from ${theirs}.job
  where job.queue = note.queue
    and job.id = note."jobId"
    and job.state = 'active'
    and job.attempts_started = note.attempt
  limit 1) as job
order by note.place
returning queue, job_id as "jobId"`
    this.#connecting = connectingTo(place, answerWithinMs)
    this.#pool = new pg.Pool({
      ...this.#connecting.config,
      max: 1,
      options: '-c synchronous_commit=off',
    })
    // A connection that breaks while it is idle is replaced; what needs one then fails by itself.
    this.#pool.on('error', () => undefined)
  }

  async write(notes: AttemptNotes): Promise<boolean> {
    return await this.#log.write(notes)
  }

  async close(): Promise<void> {
    await this.#log.settled()
    await this.#connecting.end(this.#pool.end())
  }

  async #writeNotes(notes: readonly AttemptNotes[]): Promise<Jobs> {
    const { rows } = await this.#pool.query<Pick<AttemptNotes, 'queue' | 'jobId'>>({
      name: 'steptrail-notes',
      text: this.#insert,
      values: [JSON.stringify(notes)],
    })
    return new Set(rows.map(jobOf))
  }
}
