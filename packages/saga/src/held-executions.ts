import type { LoadedExecution } from '@steptrail/core'

/** Executions kept at most; the one not touched for longest goes first. */
const capacity = 256

/**
 * Executions of which workers of this process hold steps, as they were when last read or written here. What is
 * decided on them need not read them again: whether they are still so is for the writing to find out.
 */
export class HeldExecutions {
  readonly #executions = new Map<string, LoadedExecution>()

  get(executionId: string): LoadedExecution | undefined {
    return this.#executions.get(executionId)
  }

  /** Keeps it while somebody works on it, and forgets it otherwise. */
  keep(execution: LoadedExecution): void {
    const { executionId, steps } = execution.snapshot
    this.#executions.delete(executionId)
    if (!steps.some(({ status }) => status === 'in_progress')) return
    this.#executions.set(executionId, execution)
    if (this.#executions.size <= capacity) return
    const [oldest = ''] = this.#executions.keys()
    this.#executions.delete(oldest)
  }

  forget(executionIds: Iterable<string>): void {
    for (const executionId of executionIds) this.#executions.delete(executionId)
  }
}
