import { engineExecutionIdOf, type WorkflowRun } from '../history/run.ts'
import type { TemporalRecorderOptions } from './temporal-recorder-options.ts'

/** A run whose history is to be read. */
export interface NotedRun {
  readonly run: Pick<WorkflowRun, 'workflowId' | 'runId'>
  /** How often it is read at most, until it has ended. */
  readonly readings: number
  /** How often in a row it could not be read. */
  readonly failures: number
  /** When it may be read, by `performance.now()`. */
  readonly dueAt: number
}

/** The runs whose histories are to be read, each once. */
export class NotedRuns {
  readonly #noted = new Map<string, NotedRun>()

  /** Notes a run; of what is noted already, the most readings and the longest pause hold. */
  note(noted: Pick<NotedRun, 'run' | 'readings'> & Partial<NotedRun>): void {
    const { run, readings, failures = 0, dueAt = 0 } = noted
    if (readings <= 0) return
    const key = engineExecutionIdOf(run)
    const before = this.#noted.get(key)
    this.#noted.set(key, {
      run,
      readings: Math.max(readings, before?.readings ?? 0),
      failures: Math.max(failures, before?.failures ?? 0),
      dueAt: Math.max(dueAt, before?.dueAt ?? 0),
    })
  }

  /** Notes one again that could not be read: that was no reading, and each time the pause before the next is longer. */
  noteAfterTrouble(
    { run, readings, failures }: NotedRun,
    { pollMs = 1_000, openEveryMs = 60_000 }: TemporalRecorderOptions,
  ): void {
    const pauseMs = Math.min(openEveryMs, pollMs * 2 ** (failures + 1))
    this.note({ run, readings, failures: failures + 1, dueAt: performance.now() + pauseMs })
  }

  /** Takes those that may be read at this time. */
  take(now: number): readonly NotedRun[] {
    const taken = [...this.#noted.values()].filter(({ dueAt }) => dueAt <= now)
    for (const { run } of taken) this.#noted.delete(engineExecutionIdOf(run))
    return taken
  }
}
