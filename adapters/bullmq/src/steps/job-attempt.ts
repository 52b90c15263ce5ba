import { hash } from 'node:crypto'
import { reportedError, storableText, workflowLimits } from '@steptrail/workflow'
import type { Note, NotedBody, NotedResult, NotedStep } from '../record/outbox.ts'
import type { AttemptNotes, Notes } from './note-log.ts'

/** Which attempt of a job it is, and who is told when something of it cannot be noted. */
export interface JobAttemptFacts extends Omit<AttemptNotes, 'body'> {
  readonly processing: Omit<NotedBody, 'notes'>
  readonly onTrouble: (cause: unknown) => void
}

/** What happens is written within this time, and with it that a step is under way which has lasted longer. */
const writtenWithinMs = 25

/** An attempt of a job: notes what its steps do, several in one write, and waits for it in the end. */
export class JobAttempt {
  readonly #log: Notes
  readonly #facts: JobAttemptFacts
  readonly #running = new Set<NotedStep>()
  /** Of those that run, the ones that are not noted. */
  readonly #underWay = new Set<NotedStep>()
  #notes: Note[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #written: Promise<void> = Promise.resolve()

  constructor(log: Notes, facts: JobAttemptFacts) {
    this.#log = log
    this.#facts = facts
  }

  /** Does a step. A failure is committed before it is thrown on, a success before the attempt has ended. */
  async run<Result>(named: Pick<NotedStep, 'name' | 'undoes'>, work: () => Promise<Result>): Promise<Result> {
    const step: NotedStep = { ...named, ...this.#placeOf(named), startedAt: Date.now() }
    this.#running.add(step)
    this.#underWay.add(step)
    this.#writeSoon()
    try {
      const result = await work()
      this.#underWay.delete(step)
      this.#note({ ...step, kind: 'attempt_succeeded', at: Date.now(), result: digestOf(result) })
      return result
    } catch (error) {
      this.#underWay.delete(step)
      const { message, code } = reportedError(error, { recordStack: false })
      this.#note({ ...step, kind: 'attempt_failed', at: Date.now(), error: { message, code } })
      await this.settled()
      throw error
    } finally {
      this.#running.delete(step)
    }
  }

  /** It was asked to stop. */
  cancelAsked(reason: unknown): void {
    const text = typeof reason === 'string' ? storableText(reason, workflowLimits.errorTextLength) : null
    this.#note({ kind: 'cancel_asked', at: Date.now(), reason: text })
  }

  /** Resolves when all that was noted is committed, or told to be in trouble. */
  async settled(): Promise<void> {
    this.#write()
    await this.#written
  }

  /** The first that is free among the steps of this name that run. */
  #placeOf({ name, undoes }: Pick<NotedStep, 'name' | 'undoes'>): Pick<NotedStep, 'place'> {
    const alike = [...this.#running].filter((step) => step.name === name && step.undoes === undoes)
    const taken = new Set(alike.map(({ place = 1 }) => place))
    let free = 1
    while (taken.has(free)) free += 1
    return free === 1 ? {} : { place: free }
  }

  #note(note: Note): void {
    this.#notes.push(note)
    this.#writeSoon()
  }

  #writeSoon(): void {
    this.#timer ??= setTimeout(() => {
      for (const step of this.#underWay)
        this.#notes.push({ ...step, kind: 'attempt_started', at: Date.now() })
      this.#underWay.clear()
      this.#write()
    }, writtenWithinMs)
  }

  /** What cannot be noted is told, and breaks nothing. */
  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#underWay.size > 0) this.#writeSoon()
    const notes = this.#notes
    if (notes.length === 0) return
    this.#notes = []
    const { processing, onTrouble, ...attempt } = this.#facts
    const written = this.#log.write({ ...attempt, body: { ...processing, notes } }).then((isInTime) => {
      if (!isInTime)
        onTrouble(
          new Error(
            'the job is not with this worker any more: it has put it back, or BullMQ has given it to another',
          ),
        )
    }, onTrouble)
    this.#written = Promise.all([this.#written, written]).then(() => undefined)
  }
}

/** What a step gave, as its SHA-256; null for nothing, and for what is no JSON. */
function digestOf(result: unknown): NotedResult | null {
  const text = jsonOf(result)
  if (text === undefined) return null
  return { sha256: hash('sha256', text, 'hex'), bytes: Buffer.byteLength(text) }
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // A cycle, or a bigint: a value of the process alone, which has no bytes to make a digest of.
    return undefined
  }
}
