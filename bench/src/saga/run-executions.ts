import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '@steptrail/core'
import type { Saga } from '@steptrail/saga'
import { closedLoop, type Load, type LoopTimes } from '../closed-loop.ts'
import { fiveSteps } from './workflow.ts'

const lookEveryMs = 3

/** Starts executions and waits for their ends, so many at any time. */
export async function runExecutions(database: Database, saga: Saga, load: Load): Promise<LoopTimes> {
  const ends = new Ends(database)
  const looking = ends.look()
  try {
    return await closedLoop(load, async () => {
      const { executionId } = await saga.start(fiveSteps, { value: 0 })
      await ends.of(executionId)
    })
  } finally {
    ends.stop()
    await looking
  }
}

/** Looks for all that are waited for in one statement, every few milliseconds. */
class Ends {
  readonly #database: Database
  readonly #waiting = new Map<string, () => void>()
  #isStopped = false

  constructor(database: Database) {
    this.#database = database
  }

  of(executionId: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(executionId, resolve))
  }

  stop(): void {
    this.#isStopped = true
  }

  async look(): Promise<void> {
    while (!this.#isStopped) {
      if (this.#waiting.size > 0) await this.#settle()
      await sleep(lookEveryMs)
    }
  }

  async #settle(): Promise<void> {
    const { rows } = await this.#database.query<{ execution_id: string; status: string }>(selectEnded, [
      [...this.#waiting.keys()],
    ])
    for (const { execution_id: executionId, status } of rows) {
      if (status !== 'completed') throw new Error(`execution ${executionId} ended ${status}`)
      this.#waiting.get(executionId)?.()
      this.#waiting.delete(executionId)
    }
  }
}

const selectEnded = `
select execution_id, status
from workflow_executions
where execution_id = any($1::uuid[])
  and status in ('completed', 'failed', 'rollback_failed', 'cancelled')`
