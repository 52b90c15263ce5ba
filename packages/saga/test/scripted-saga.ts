import { randomUUID } from 'node:crypto'
import type { Database } from '@steptrail/core'
import { createSaga, type Saga, type SagaOptions } from '@steptrail/saga'
import { fakeClock } from '@steptrail/testkit'
import { type Claim, defineWorkflow, type ReportedError } from '@steptrail/workflow'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

const retry = { maxRetries: 3, backoff: { type: 'fixed', delayMs: 5_000 } } as const

/** Three steps in a row. */
export const provision = defineWorkflow({
  name: 'provision',
  version: '1',
  input: z.object({ tenant: z.string().min(1) }),
  retry,
  steps: {
    createRealm: { service: 'realm-service', output: z.object({ realmId: z.string() }), after: [] },
    createClient: { service: 'realm-service', output: z.object({}), after: ['createRealm'] },
    createUser: { service: 'realm-service', output: z.object({}), after: ['createClient'] },
  },
})

/** One step. */
export const single = defineWorkflow({
  name: 'single',
  version: '1',
  input: z.object({}),
  retry,
  steps: { createClient: { service: 'realm-service', output: z.object({}), after: [] } },
})

/** The runtime on a clock that stands still, and a worker whose every move the test makes itself. */
export async function scripted(database: Database, options: SagaOptions = {}) {
  const clock = fakeClock(new Date().toISOString())
  const saga = await createSaga(database, { ...options, clock, holdsClock: false, onTrouble: () => {} })
  onTestFinished(() => saga.close())
  const worker = await registered(saga)
  const perform = async (tookMs: number, error?: ReportedError): Promise<Claim> => {
    const [claim] = await saga.dispatch.claim(worker, 1)
    if (!claim) throw new Error('there is nothing to claim')
    clock.advance(tookMs)
    await saga.dispatch.heartbeat(worker, [claim])
    await report({ saga, worker }, claim, error)
    return claim
  }
  return { clock, saga, worker, perform }
}

/** Makes a worker known that implements both workflows, and gives its uuid. */
export async function registered(saga: Saga, leaseMs = 60_000): Promise<string> {
  const workerUuid = randomUUID()
  const definitions = [provision.definition, single.definition]
  await saga.dispatch.register({
    workerUuid,
    service: 'realm-service',
    leaseMs,
    host: 'host',
    pid: 1,
    version: null,
    definitions,
    implements: definitions.flatMap(({ name, version, steps }) =>
      steps.map((step) => ({ workflowName: name, workflowVersion: version, stepName: step.name })),
    ),
  })
  return workerUuid
}

/** Reports on a claim: success, unless an error is given. */
export async function report(
  { saga, worker: workerUuid }: { readonly saga: Saga; readonly worker: string },
  claim: Claim,
  error?: ReportedError,
) {
  const { stepId, executionId, attempt, attemptToken } = claim
  const head = { stepId, executionId, attempt, attemptToken, workerUuid, executionTimeMs: 42 }
  const output = claim.stepName === 'createRealm' ? { realmId: 'r-1' } : {}
  return await saga.dispatch.report([
    error ? { ...head, success: false, error } : { ...head, success: true, output },
  ])
}

/** An event as it is stored. */
export interface EventRow {
  readonly id: string
  readonly event_type: string
  readonly execution_seq: number
  readonly timestamp: string
  readonly step_name: string | null
  readonly operation_type: string | null
  readonly retry_count: number | null
  readonly duration_ms: number | null
  readonly reason: string | null
  readonly parent_event_id: string | null
  readonly details: Readonly<Record<string, unknown>>
}

/** The events of an execution. */
export async function eventsOf(database: Database, executionId: string, by = 'execution_seq') {
  const { rows } = await database.query<EventRow>(
    `select * from audit_event where execution_id = $1 order by ${by}`,
    [executionId],
  )
  return rows
}

/** Events in short. */
export const storyOf = (events: readonly EventRow[]): readonly string[] =>
  events.map((event) =>
    [event.event_type, event.step_name, event.operation_type, event.retry_count]
      .filter((part) => part !== null)
      .join(' '),
  )
