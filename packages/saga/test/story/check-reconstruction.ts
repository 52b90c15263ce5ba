import { type Database, getExecution, getExecutionEvents, reconstructExecution } from '@steptrail/core'

/** Where what the events alone tell of an execution that has ended differs from its live state; empty where nowhere. */
export async function checkReconstruction(
  database: Database,
  executionId: string,
): Promise<readonly string[]> {
  const live = await getExecution(database, executionId)
  const rebuilt = await reconstructExecution(database, executionId)
  if (!rebuilt) return [`${executionId} is ${live.status}, and its events do not end`]
  const events = await getExecutionEvents(database, executionId)
  const faults: string[] = []
  const compare = (what: string, told: unknown, is: unknown): void => {
    if (JSON.stringify(told) !== JSON.stringify(is))
      faults.push(`${what}: the events tell ${JSON.stringify(told)}, it is ${JSON.stringify(is)}`)
  }
  compare('status', rebuilt.status, live.status)
  compare('definition', rebuilt.definitionHash, live.definitionHash)
  compare(
    'steps',
    rebuilt.steps.map(({ name, operation }) => `${operation} ${name}`),
    live.steps.map(({ name, operationType }) => `${operationType} ${name}`),
  )
  for (const [index, step] of rebuilt.steps.entries()) {
    const own = live.steps[index]
    if (!own) continue
    const what = `${step.operation} ${step.name}`
    compare(`${what} status`, step.status, own.status)
    compare(`${what} limits`, [step.maxRetries, step.timeoutMs], [own.maxRetries, own.timeoutMs])
    compare(`${what} error`, step.lastError, own.lastError)
    if (step.stepId !== null) compare(`${what} id`, step.stepId, own.stepId)
    const last = step.attempts.at(-1)
    // An attempt that was cut off, by a cancel or by hand, came to no outcome that an event could tell.
    if (own.status === 'complete' || own.status === 'error') {
      compare(`${what} attempts`, last?.attempt, own.attempt)
      compare(`${what} worker`, last?.workerUuid, own.workerUuid)
    }
  }
  compare(
    'attempts',
    rebuilt.steps.flatMap(({ attempts }) => attempts).length,
    events.filter(isAttempt).length,
  )
  return faults
}

const isAttempt = ({ eventType }: { readonly eventType: string }): boolean =>
  eventType === 'STEP_SUCCESS' || eventType === 'STEP_FAILED'
