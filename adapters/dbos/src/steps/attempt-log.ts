import { type Connecting, connectingTo } from '@steptrail/core'
import pg from 'pg'
import { type DbosPlace, schemasOf } from '../install/place.ts'

/** What is noted of an attempt. */
export interface AttemptNote {
  readonly workflowId: string
  readonly kind: 'attempt_started' | 'attempt_failed'
  /** When, in milliseconds since 1970. */
  readonly at: number
  readonly body: Readonly<Record<string, unknown>>
}

/** What is kept of a wrapped step, so that its outcome is known to be one of a step whose attempts are seen. */
export interface WrappedStep {
  /** Its name in DBOS. */
  readonly name: string
  readonly service: string
  /** The name of the step that it undoes; null for one that undoes none. */
  readonly undoes: string | null
  readonly maxRetries: number
}

/** Steps of which it is kept that they are known: an application may name them by what they are given. */
const mostKnown = 10_000

/**
 * Writes notes of attempts into the outbox, in the order in which they come: what comes while a write is under way goes
 * together in the next.
 *
 * `open → closed`
 */
export class AttemptLog {
  readonly #pool: pg.Pool
  readonly #connecting: Connecting
  readonly #ours: string
  readonly #known = new Map<string, Promise<boolean>>()
  #waiting: AttemptNote[] = []
  /** The write under way, or the last one. */
  #current: Promise<void> = Promise.resolve()
  /** The one after it, which takes what waits. */
  #next: Promise<void> | null = null

  constructor(place: DbosPlace, answerWithinMs: number) {
    this.#ours = schemasOf(place).ours
    this.#connecting = connectingTo(place, answerWithinMs)
    this.#pool = new pg.Pool({ ...this.#connecting.config, max: 2 })
    // A connection that breaks while it is idle is replaced; what needs one then fails by itself.
    this.#pool.on('error', () => undefined)
  }

  /**
   * Resolves when the step is known to be wrapped. False when its name stands for another step as well, of another service
   * or undoing something else: then its outcome alone does not tell which of them it was.
   */
  know(step: WrappedStep): Promise<boolean> {
    const content = JSON.stringify(step)
    const known = this.#known.get(content) ?? this.#writeStep(step)
    this.#known.set(content, known)
    const [oldest] = this.#known.keys()
    if (oldest !== undefined && this.#known.size > mostKnown) this.#known.delete(oldest)
    known.catch(() => this.#known.delete(content))
    return known
  }

  /** Resolves when the note is committed. */
  write(note: AttemptNote): Promise<void> {
    this.#waiting.push(note)
    this.#next ??= this.#after(this.#current)
    return this.#next
  }

  /** Waits for what is being written, and closes the connections. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#current, this.#next])
    await this.#connecting.end(this.#pool.end())
  }

  /** Who waits for the write before is told when it fails; this one goes on. */
  async #after(before: Promise<void>): Promise<void> {
    await Promise.allSettled([before])
    this.#next = null
    const notes = this.#waiting
    this.#waiting = []
    this.#current = this.#writeNotes(notes)
    await this.#current
  }

  async #writeNotes(notes: readonly AttemptNote[]): Promise<void> {
    await this.#pool.query(
      `insert into ${this.#ours}.outbox (workflow_id, kind, at, body)
      select "workflowId", kind, at, body
      from json_to_recordset($1::text::json)
        as note ("workflowId" text, kind text, at bigint, body jsonb)`,
      [JSON.stringify(notes)],
    )
  }

  async #writeStep({ name, ...body }: WrappedStep): Promise<boolean> {
    const values = [name, JSON.stringify(body)]
    await this.#pool.query(
      `insert into ${this.#ours}.wrapped_step as known (name, body)
      values ($1, $2::text::jsonb)
      on conflict (name) do update
      set body = excluded.body
      where known.body <> excluded.body
        and known.body - 'maxRetries' = excluded.body - 'maxRetries'`,
      values,
    )
    const { rowCount } = await this.#pool.query(
      `select
      from ${this.#ours}.wrapped_step
      where name = $1
        and body - 'maxRetries' = $2::text::jsonb - 'maxRetries'`,
      values,
    )
    return rowCount === 1
  }
}
