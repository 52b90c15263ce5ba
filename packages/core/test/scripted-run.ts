import { randomUUID } from 'node:crypto'
import type { Database } from '@steptrail/core'
import { createSaga, type StartOptions } from '@steptrail/saga'
import { fakeClock, releaseAfterTest } from '@steptrail/testkit'
import { defineWorkflow, type ReportedError } from '@steptrail/workflow'
import { z } from 'zod'

const done = z.object({ id: z.string() })

/** Three steps in a row, of three services, each of which may be tried again three times. */
const provision = defineWorkflow({
  name: 'tenant-provisioning',
  version: '2.0.0',
  input: z.object({}),
  retry: { maxRetries: 3, backoff: { type: 'fixed', delayMs: 5000 } },
  steps: {
    createRealm: { service: 'realm-worker-service', output: done, after: [] },
    createClient: { service: 'client-worker-service', output: done },
    createDefaultUser: { service: 'user-worker-service', output: done },
  },
})

/** How an attempt goes: how long it takes, and the error it ends in, if any. */
export type Attempt = number | { readonly ms: number; readonly error: ReportedError }

/** An attempt that fails for want of an answer. */
export const timeout = (ms: number): Attempt => ({
  ms,
  error: {
    message: 'Connection timeout to Keycloak service',
    code: 'ETIMEDOUT',
    reason: 'Connection timeout',
  },
})

/** Runs executions by a script: the runtime is the real one, its clock stands still between the moves. */
export async function scriptedRun(database: Database, start: string) {
  const clock = fakeClock(start)
  const saga = await createSaga(database, { clock, holdsClock: false })
  releaseAfterTest(() => saga.close())
  const workerUuid = randomUUID()
  const { definition } = provision
  await saga.dispatch.register({
    workerUuid,
    service: 'every-service',
    leaseMs: 24 * 3_600_000,
    host: 'host',
    pid: 1,
    version: null,
    definitions: [definition],
    implements: definition.steps.map((step) => ({
      workflowName: definition.name,
      workflowVersion: definition.version,
      stepName: step.name,
    })),
  })

  /** Makes one attempt of whatever is due, after waiting for a retry if nothing is. */
  const attempt = async (how: Attempt): Promise<void> => {
    let [claim] = await saga.dispatch.claim(workerUuid, 1)
    if (!claim) {
      // The retry is due 5 s after its event, which may lie some milliseconds ahead of the clock.
      clock.advance(5010)
      await saga.tick()
      ;[claim] = await saga.dispatch.claim(workerUuid, 1)
    }
    if (!claim) throw new Error('there is nothing to do')
    const { stepId, executionId, attemptToken } = claim
    const ms = typeof how === 'number' ? how : how.ms
    clock.advance(ms)
    const head = {
      stepId,
      executionId,
      attempt: claim.attempt,
      attemptToken,
      workerUuid,
      executionTimeMs: ms - 1,
    }
    await saga.dispatch.report([
      typeof how === 'number'
        ? { ...head, success: true, output: { id: `${claim.stepName}-1` } }
        : { ...head, success: false, error: how.error },
    ])
  }

  return {
    workerUuid,
    clock,
    /** Starts an execution and makes these attempts of it; returns its id. */
    run: async (attempts: readonly Attempt[], options: StartOptions = {}): Promise<string> => {
      const { executionId } = await saga.start(provision, {}, options)
      for (const how of attempts) await attempt(how)
      return executionId
    },
  }
}
