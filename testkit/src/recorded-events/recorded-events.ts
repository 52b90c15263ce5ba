import type { AuditEvent } from '@steptrail/event'

/** An event of a test: what matters to it, and when it happened, in milliseconds after the first. */
export type Sketch = Partial<Omit<AuditEvent, 'timestamp' | 'executionSeq'>> & {
  readonly at: number
  readonly eventType: string
}

/** When the stories of tests begin, in milliseconds since 1970. */
export const start = Date.parse('2025-11-04T10:00:00.000Z')

const blank: AuditEvent = {
  id: '019a4e5c-0000-7000-8000-000000000000',
  timestamp: '2025-11-04T10:00:00.000Z',
  recordedAt: '2025-11-04T10:00:00.000Z',
  eventType: 'STEP_STARTED',
  entityType: 'STEP',
  status: null,
  severity: 'info',
  serviceName: null,
  executionId: '019a4e5c-7f00-7abc-8def-0123456789ab',
  executionSeq: null,
  workflowName: 'tenant-provisioning',
  workflowVersion: '1.0.0',
  stepName: null,
  stepId: null,
  operationType: null,
  durationMs: null,
  retryCount: null,
  correlationId: 'request-4711',
  parentEventId: null,
  traceId: null,
  spanId: null,
  actorType: null,
  actorId: null,
  resourceType: null,
  resourceId: null,
  action: null,
  reason: null,
  message: null,
  details: {},
  tenant: 'default',
  schemaVersion: 1,
  recorderId: null,
  recorderSeq: null,
  salt: '00000000-0000-4000-8000-000000000000',
}

/** Whole events of one execution, numbered in the order given. */
export function recorded(sketches: readonly Sketch[]): readonly AuditEvent[] {
  return sketches.map(({ at, ...given }, index) => ({
    ...blank,
    ...statusOf(given.eventType),
    ...given,
    timestamp: new Date(start + at).toISOString(),
    executionSeq: index + 1,
  }))
}

function statusOf(eventType: string): Pick<AuditEvent, 'status' | 'severity'> {
  if (/SUCCESS|COMPLETED/.test(eventType)) return { status: 'SUCCESS', severity: 'info' }
  if (/FAILED/.test(eventType)) return { status: 'FAILED', severity: 'error' }
  return { status: null, severity: /RETRY|ROLLBACK/.test(eventType) ? 'warning' : 'info' }
}

const services: Readonly<Record<string, string>> = {
  createRealm: 'realm-worker-service',
  createClient: 'client-worker-service',
  setupDefaultRoles: 'role-worker-service',
  createDefaultUser: 'user-worker-service',
}

/** The first event of an execution of the four steps of tenant provisioning. */
export const orchestrationStarted = (at: number): Sketch => ({
  at,
  eventType: 'ORCHESTRATION_STARTED',
  entityType: 'ORCHESTRATION',
  message: 'Workflow tenant-provisioning 1.0.0 started',
  details: { plan: Object.keys(services).map((name) => ({ name })) },
})

/** An event about the execution as a whole. */
export const orchestration = (at: number, eventType: string, given: Partial<Sketch> = {}): Sketch => ({
  entityType: 'ORCHESTRATION',
  ...given,
  at,
  eventType,
})

/** An operation that works at its first attempt, after having waited. */
export function worked(
  stepName: string,
  times: readonly [due: number, claimed: number, done: number],
  operationType: 'DO' | 'UNDO' = 'DO',
): readonly Sketch[] {
  const [due, claimed, done] = times
  return [
    stepStarted(stepName, due, operationType),
    {
      ...stepEvent(stepName, operationType),
      at: done,
      eventType: 'STEP_SUCCESS',
      durationMs: done - claimed,
      retryCount: 0,
      details: attemptDetails(1, claimed),
    },
  ]
}

/** STEP_STARTED of an operation. */
export const stepStarted = (stepName: string, at: number, operationType: 'DO' | 'UNDO' = 'DO'): Sketch => ({
  ...stepEvent(stepName, operationType),
  at,
  eventType: 'STEP_STARTED',
})

/** An attempt that failed, and the retry that it triggers unless it is the last. */
export function failed(
  stepName: string,
  failure: {
    readonly attempt: number
    readonly claimed: number
    readonly at: number
    readonly error: string
    readonly errorCode?: string
    readonly backoffMs?: number
  },
): readonly Sketch[] {
  const { attempt, claimed, at, error, errorCode, backoffMs } = failure
  const silent = errorCode === 'timeout' || errorCode === 'worker_lost'
  return [
    {
      ...stepEvent(stepName, 'DO'),
      at,
      eventType: 'STEP_FAILED',
      durationMs: at - claimed,
      retryCount: attempt - 1,
      reason: backoffMs === undefined ? `Retry exhausted after ${attempt - 1} attempts` : error,
      details: {
        ...attemptDetails(attempt, claimed),
        errorMessage: error,
        ...(errorCode !== undefined && { errorCode }),
        ...(silent && { outcomeUnknown: true }),
      },
    },
    ...(backoffMs === undefined
      ? []
      : [
          {
            ...stepEvent(stepName, 'DO'),
            serviceName: null,
            at: at + 1,
            eventType: 'STEP_RETRY_TRIGGERED',
            retryCount: attempt,
            details: {
              backoffMs,
              maxRetries: 3,
              message: `Retry attempt ${attempt} of 3`,
              nextAttemptAt: new Date(start + at + 1 + backoffMs).toISOString(),
            },
          },
        ]),
  ]
}

/** An attempt that works after others failed. */
export const succeededAtLast = (
  stepName: string,
  attempt: number,
  [claimed, at]: readonly [number, number],
): Sketch => ({
  ...stepEvent(stepName, 'DO'),
  at,
  eventType: 'STEP_SUCCESS',
  durationMs: at - claimed,
  retryCount: attempt - 1,
  details: attemptDetails(attempt, claimed),
})

const stepEvent = (stepName: string, operationType: 'DO' | 'UNDO') => ({
  stepName,
  operationType,
  stepId: `${operationType} ${stepName}`,
  serviceName: services[stepName] ?? 'a-service',
})

const attemptDetails = (attempt: number, claimed: number) => ({
  attempt,
  attemptStartedAt: new Date(start + claimed).toISOString(),
  workerUuid: '00000000-0000-4000-8000-00000000000a',
})

/** How one attempt of a history went, in milliseconds. */
export interface Attempt {
  readonly waited: number
  readonly worked: number
  readonly backoff: number
  readonly silent: boolean
}

/** Two steps: the first is tried as often as there are attempts, and works at last; the second works at once. */
export function historyOf(tries: readonly Attempt[]): readonly Sketch[] {
  const sketches: Sketch[] = [orchestrationStarted(0), stepStarted('createRealm', 1)]
  let now = 1
  for (const [index, { waited, worked: workedMs, backoff, silent }] of tries.entries()) {
    const claimed = now + waited
    const at = claimed + workedMs
    if (index === tries.length - 1) sketches.push(succeededAtLast('createRealm', index + 1, [claimed, at]))
    else
      sketches.push(
        ...failed('createRealm', {
          attempt: index + 1,
          claimed,
          at,
          error: 'refused',
          backoffMs: backoff,
          ...(silent && { errorCode: 'worker_lost' }),
        }),
      )
    now = at + 1 + backoff
  }
  return [...sketches, stepStarted('createClient', now), succeededAtLast('createClient', 1, [now, now])]
}
