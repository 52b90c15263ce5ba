import pg from 'pg'
import { type BullmqPlace, schemasOf } from '../install/place.ts'

/** What is noted of an attempt of a job that is under way. */
export interface Note {
  readonly queue: string
  readonly jobId: string
  /** The attempt: how often the job has been started. */
  readonly attempt: number
  readonly kind: 'attempt_started' | 'attempt_succeeded' | 'attempt_failed' | 'cancel_asked'
  /** When, in milliseconds since 1970. */
  readonly at: number
  readonly body: object
}

/**
 * Writes notes into the outbox, in the order in which they come: what comes while a write is under way goes together in
 * the next. What is noted of an attempt that BullMQ has given to another worker is left out.
 *
 * `open → closed`
 */
export class NoteLog {
  readonly #pool: pg.Pool
  readonly #insert: string
  #waiting: Note[] = []
  /** The write under way, or the last one. */
  #current: Promise<ReadonlySet<Note>> = Promise.resolve(new Set())
  /** The one after it, which takes what waits. */
  #next: Promise<ReadonlySet<Note>> | null = null

  constructor(place: BullmqPlace) {
    const { ours, theirs } = schemasOf(place)
    this.#insert = `
insert into ${ours}.outbox (queue, job_id, added_at, kind, at, body)
select note.queue, note."jobId", job.added_at_ms, note.kind, note.at, note.body
from rows from (
    json_to_recordset($1::text::json)
      as (queue text, "jobId" text, attempt int, kind text, at bigint, body jsonb))
  with ordinality as note (queue, "jobId", attempt, kind, at, body, place)
join ${theirs}.job on job.queue = note.queue and job.id = note."jobId"
where job.state = 'active'
  and job.attempts_started = note.attempt
order by note.place
returning queue, job_id, kind, at::float8 as at`
    this.#pool = new pg.Pool({ connectionString: place.url, max: 1 })
    // A connection that breaks while it is idle is replaced; what needs one then fails by itself.
    this.#pool.on('error', () => undefined)
  }

  /** Resolves when the note is committed; false when the attempt is not its worker's any more. */
  async write(note: Note): Promise<boolean> {
    this.#waiting.push(note)
    this.#next ??= this.#after(this.#current)
    return !(await this.#next).has(note)
  }

  /** Waits for what is being written, and closes the connection. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#current, this.#next])
    await this.#pool.end()
  }

  /** Who waits for the write before is told when it fails; this one goes on. Gives those that came too late. */
  async #after(before: Promise<unknown>): Promise<ReadonlySet<Note>> {
    await Promise.allSettled([before])
    this.#next = null
    const notes = this.#waiting
    this.#waiting = []
    this.#current = this.#writeNotes(notes)
    return await this.#current
  }

  async #writeNotes(notes: readonly Note[]): Promise<ReadonlySet<Note>> {
    const { rows } = await this.#pool.query<Written>(this.#insert, [JSON.stringify(notes)])
    if (rows.length === notes.length) return new Set()
    const written = new Set(
      rows.map(({ queue, job_id, kind, at }) => JSON.stringify([queue, job_id, kind, at])),
    )
    return new Set(
      notes.filter(({ queue, jobId, kind, at }) => !written.has(JSON.stringify([queue, jobId, kind, at]))),
    )
  }
}

interface Written {
  readonly queue: string
  readonly job_id: string
  readonly kind: string
  readonly at: number
}
