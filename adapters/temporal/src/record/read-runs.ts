import type { EarlierEvents } from '../history/history-event.ts'
import { engineExecutionIdOf, type WorkflowRun } from '../history/run.ts'

type Run = Pick<WorkflowRun, 'workflowId' | 'runId'>

/** How much is kept of all runs together, in events and ids of activities: some ten megabytes. */
const mostKept = 100_000

/** How far histories were read that may grow, so that each is read on from there. */
export class ReadRuns {
  readonly #kept = new Map<string, EarlierEvents>()
  #size = 0

  get(run: Run): EarlierEvents | null {
    return this.#kept.get(engineExecutionIdOf(run)) ?? null
  }

  /** Keeps how far one was read; those that were read longest ago are then read from their beginning again. */
  keep(earlier: EarlierEvents): void {
    this.drop(earlier)
    this.#kept.set(engineExecutionIdOf(earlier), earlier)
    this.#size += sizeOf(earlier)
    for (const [key, oldest] of this.#kept) {
      if (this.#size <= mostKept) return
      this.#kept.delete(key)
      this.#size -= sizeOf(oldest)
    }
  }

  drop(run: Run): void {
    const kept = this.get(run)
    if (kept === null) return
    this.#kept.delete(engineExecutionIdOf(run))
    this.#size -= sizeOf(kept)
  }
}

const sizeOf = ({ open, activityIds }: EarlierEvents): number => open.size + activityIds.size + 1
