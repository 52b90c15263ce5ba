import type { LoadedExecution } from '@steptrail/core'
import type { Json } from '@steptrail/verify'

/** Executions kept at most, and the characters that they may have together; those not touched for longest go first. */
const capacity = { executions: 256, characters: 64 * 1024 * 1024 } as const
/** What is known of a step beside its values, about. */
const charactersOfStep = 1_024

/** An execution, and about how many characters it has. */
interface Held {
  readonly execution: LoadedExecution
  readonly characters: number
}

/**
 * Executions of which workers of this process hold steps, as they were when last read or written here. What is
 * decided on them need not read them again: whether they are still so is for the writing to find out.
 */
export class HeldExecutions {
  readonly #executions = new Map<string, Held>()
  /** Of values that are held: they stay the same from one decision to the next. */
  readonly #lengths = new WeakMap<object, number>()
  #characters = 0

  get(executionId: string): LoadedExecution | undefined {
    return this.#executions.get(executionId)?.execution
  }

  /** Keeps it while somebody works on it, and forgets it otherwise. */
  keep(execution: LoadedExecution): void {
    const { executionId, steps } = execution.snapshot
    this.#drop(executionId)
    if (!steps.some(({ status }) => status === 'in_progress')) return
    const characters = this.#charactersOf(execution)
    this.#executions.set(executionId, { execution, characters })
    this.#characters += characters
    while (this.#executions.size > capacity.executions || this.#characters > capacity.characters) {
      const [oldest = ''] = this.#executions.keys()
      this.#drop(oldest)
    }
  }

  forget(executionIds: Iterable<string>): void {
    for (const executionId of executionIds) this.#drop(executionId)
  }

  #drop(executionId: string): void {
    this.#characters -= this.#executions.get(executionId)?.characters ?? 0
    this.#executions.delete(executionId)
  }

  #charactersOf({ snapshot: { input, steps } }: LoadedExecution): number {
    const ofSteps = steps.map(({ output }) => charactersOfStep + this.#lengthOf(output))
    return ofSteps.reduce((total, each) => total + each, this.#lengthOf(input))
  }

  #lengthOf(value: Json): number {
    if (typeof value === 'string') return value.length
    if (typeof value !== 'object' || value === null) return 0
    const known = this.#lengths.get(value)
    if (known !== undefined) return known
    const { length } = JSON.stringify(value)
    this.#lengths.set(value, length)
    return length
  }
}
