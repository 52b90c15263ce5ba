import { createHash } from 'node:crypto'
import { reportedError } from '@steptrail/workflow'
import type { Note, NoteLog } from './note-log.ts'

/** A step of a processor, as it is on record. */
export interface WrappedStep {
  readonly name: string
  readonly service: string
  /** The name of the step that it undoes; null for one that undoes none. */
  readonly undoes: string | null
  readonly maxRetries: number
  readonly workerUuid: string
}

/** Which attempt of a job it is, and who is told when something of it cannot be noted. */
export interface JobAttemptFacts extends Pick<Note, 'queue' | 'jobId' | 'attempt'> {
  readonly onTrouble: (cause: unknown) => void
}

/** A step that lasts longer is noted while it is under way. */
const noteAfterMs = 25

/** An attempt of a job: notes what its steps do, and waits for it in the end. */
export class JobAttempt {
  readonly #log: NoteLog
  readonly #facts: JobAttemptFacts
  #noted: Promise<void> = Promise.resolve()

  constructor(log: NoteLog, facts: JobAttemptFacts) {
    this.#log = log
    this.#facts = facts
  }

  /** Does a step. A failure is committed before it is thrown on, a success before the attempt has ended. */
  async run<Result>(step: WrappedStep, work: () => Promise<Result>): Promise<Result> {
    const startedAt = Date.now()
    const body = { ...step, startedAt }
    const timer = setTimeout(() => this.#note('attempt_started', startedAt, body), noteAfterMs)
    try {
      const result = await work()
      clearTimeout(timer)
      this.#note('attempt_succeeded', Date.now(), { ...body, result: digestOf(result) })
      return result
    } catch (error) {
      clearTimeout(timer)
      const { message, code } = reportedError(error, { recordStack: false })
      this.#note('attempt_failed', Date.now(), { ...body, error: { message, code } })
      await this.#noted
      throw error
    }
  }

  /** It was asked to stop. */
  cancelAsked(reason: unknown): void {
    this.#note('cancel_asked', Date.now(), { reason: typeof reason === 'string' ? reason : null })
  }

  /** Resolves when all of it is committed, or told to be in trouble. */
  async settled(): Promise<void> {
    await this.#noted
  }

  /** What cannot be noted is told, and breaks nothing. */
  #note(kind: Note['kind'], at: number, body: object): void {
    const { queue, jobId, attempt, onTrouble } = this.#facts
    const written = this.#log.write({ queue, jobId, attempt, kind, at, body }).then((isInTime) => {
      if (!isInTime) onTrouble(new Error('BullMQ has given the job to another worker meanwhile'))
    }, onTrouble)
    this.#noted = Promise.all([this.#noted, written]).then(() => undefined)
  }
}

/** What a step gave, as its SHA-256; null for nothing, and for what is no JSON. */
function digestOf(result: unknown): { readonly sha256: string; readonly bytes: number } | null {
  const text = jsonOf(result)
  if (text === undefined) return null
  return { sha256: createHash('sha256').update(text, 'utf8').digest('hex'), bytes: Buffer.byteLength(text) }
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // A cycle, or a bigint: a value of the process alone, which has no bytes to make a digest of.
    return undefined
  }
}
