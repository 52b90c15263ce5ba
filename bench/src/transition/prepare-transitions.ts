import { randomUUID } from 'node:crypto'
import type { Database } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { fiveSteps, stepCount } from '../saga/workflow.ts'

const batchSize = 50
/** Claimed, reported, decided, and for the next step enqueued. */
const transitionsPerStep = 4

/** Claims and reports without workers around them. */
export interface TransitionLoad {
  /** Starts so many executions, which is not measured, and moves them to their end, which is. */
  run(executions: number): Promise<{ readonly transitions: number; readonly elapsedMs: number }>
  close(): Promise<void>
}

/** Registers a worker that never falls silent on a migrated database, which `close` closes. */
export async function prepareTransitions(database: Database): Promise<TransitionLoad> {
  const saga = await createSaga(database, { holdsClock: false })
  const { definition } = fiveSteps
  const workerUuid = randomUUID()
  await saga.dispatch.register({
    workerUuid,
    service: 'bench-service',
    leaseMs: 3_600_000,
    host: 'bench',
    pid: process.pid,
    version: null,
    definitions: [definition],
    implements: definition.steps.map((step) => ({
      workflowName: definition.name,
      workflowVersion: definition.version,
      stepName: step.name,
    })),
  })

  const work = async (): Promise<number> => {
    for (let done = 0; ;) {
      const claims = await saga.dispatch.claim(workerUuid, batchSize)
      if (claims.length === 0) return done
      await saga.dispatch.report(
        claims.map(({ stepId, executionId, attempt, attemptToken }) => ({
          stepId,
          executionId,
          attempt,
          attemptToken,
          workerUuid,
          executionTimeMs: 1,
          success: true,
          output: { value: 1 },
        })),
      )
      done += claims.length
    }
  }

  return {
    run: async (executions) => {
      for (let left = executions; left > 0; left -= 1) await saga.start(fiveSteps, { value: 0 })
      const beganMs = performance.now()
      const steps = await work()
      const elapsedMs = performance.now() - beganMs
      if (steps !== executions * stepCount) throw new Error(`${steps} steps for ${executions} executions`)
      // Of each execution the first step was enqueued by its start.
      return { transitions: steps * transitionsPerStep - executions, elapsedMs }
    },
    close: async () => {
      await saga.close()
      await database.close()
    },
  }
}
