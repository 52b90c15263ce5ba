import pg from 'pg'
import { type BullmqPlace, schemasOf } from '../install/place.ts'
import type { NotedBody } from '../record/outbox.ts'

/** What is noted of an attempt of a job that is under way. */
export interface AttemptNotes {
  readonly queue: string
  readonly jobId: string
  /** The attempt: how often the job has been started. */
  readonly attempt: number
  readonly body: NotedBody
}

/**
 * Writes notes into the outbox, in the order in which they come: what comes while a write is under way goes together in
 * the next. What is noted of an attempt that BullMQ has given to another worker is left out. A commit here waits for no
 * disk: the next commit of BullMQ does, and brings everything there that was committed before it.
 *
 * `open → closed`
 */
export class NoteLog {
  readonly #pool: pg.Pool
  readonly #insert: string
  #waiting: AttemptNotes[] = []
  /** The write under way, or the last one. */
  #current: Promise<ReadonlySet<string>> = Promise.resolve(new Set())
  /** The one after it, which takes what waits. */
  #next: Promise<ReadonlySet<string>> | null = null

  /** Each job is looked up by its key, however many there are: a join might read them all. */
  constructor(place: BullmqPlace) {
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
    this.#pool = new pg.Pool({
      connectionString: place.url,
      max: 1,
      options: '-c synchronous_commit=off',
    })
    // A connection that breaks while it is idle is replaced; what needs one then fails by itself.
    this.#pool.on('error', () => undefined)
  }

  /** Resolves when they are committed; false when the attempt is not its worker's any more. */
  async write(notes: AttemptNotes): Promise<boolean> {
    this.#waiting.push(notes)
    this.#next ??= this.#after(this.#current)
    return (await this.#next).has(jobOf(notes))
  }

  /** Waits for what is being written, and closes the connection. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#current, this.#next])
    await this.#pool.end()
  }

  /** Who waits for the write before is told when it fails; this one goes on. Gives the jobs of which notes were written. */
  async #after(before: Promise<unknown>): Promise<ReadonlySet<string>> {
    await Promise.allSettled([before])
    this.#next = null
    const notes = this.#waiting
    this.#waiting = []
    this.#current = this.#writeNotes(notes)
    return await this.#current
  }

  async #writeNotes(notes: readonly AttemptNotes[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#pool.query<Pick<AttemptNotes, 'queue' | 'jobId'>>({
      name: 'steptrail-notes',
      text: this.#insert,
      values: [JSON.stringify(notes)],
    })
    return new Set(rows.map(jobOf))
  }
}

const jobOf = ({ queue, jobId }: Pick<AttemptNotes, 'queue' | 'jobId'>): string =>
  JSON.stringify([queue, jobId])
