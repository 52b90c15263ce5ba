import type { NotedBody } from '../record/outbox.ts'

/** What is noted of an attempt of a job that is under way. */
export interface AttemptNotes {
  readonly queue: string
  readonly jobId: string
  /** The attempt: how often the job has been started. */
  readonly attempt: number
  readonly body: NotedBody
}

/** Where notes are written, in the order in which they come. */
export interface Notes {
  /**
   * Resolves when they are written; false when the attempt is not its worker's any more: then they are left out.
   */
  write(notes: AttemptNotes): Promise<boolean>
  /** Waits for what is being written, and closes the connection. */
  close(): Promise<void>
}

/** Jobs, by {@link jobOf}. */
export type Jobs = ReadonlySet<string>

/** What tells a job from the others of its server. */
export const jobOf = ({ queue, jobId }: Pick<AttemptNotes, 'queue' | 'jobId'>): string =>
  JSON.stringify([queue, jobId])

/** Writes together, in their order, what comes while a write is under way. */
export class NoteLog {
  readonly #writeNotes: (notes: readonly AttemptNotes[]) => Promise<Jobs>
  #waiting: AttemptNotes[] = []
  /** The write under way, or the last one. */
  #current: Promise<Jobs> = Promise.resolve(new Set())
  /** The one after it, which takes what waits. */
  #next: Promise<Jobs> | null = null

  /** Notes are written by `writeNotes`, which gives the jobs of which it wrote them. */
  constructor(writeNotes: (notes: readonly AttemptNotes[]) => Promise<Jobs>) {
    this.#writeNotes = writeNotes
  }

  /** Resolves when they are written; false when the attempt is not its worker's any more. */
  async write(notes: AttemptNotes): Promise<boolean> {
    this.#waiting.push(notes)
    this.#next ??= this.#after(this.#current)
    return (await this.#next).has(jobOf(notes))
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#current, this.#next])
  }

  /** Who waits for the write before is told when it fails; this one goes on. */
  async #after(before: Promise<unknown>): Promise<Jobs> {
    await Promise.allSettled([before])
    this.#next = null
    const notes = this.#waiting
    this.#waiting = []
    this.#current = this.#writeNotes(notes)
    return await this.#current
  }
}
