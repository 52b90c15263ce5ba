import type { RunEvent, RunRecord } from './run-record.ts'

const satisfying: readonly string[] = ['STEP_SUCCESS', 'STEP_SKIPPED', 'STEP_RESOLVED']

/**
 * The events against the definition: steps in their order, no more attempts than it allows or an operator granted,
 * and after a failure every step that had an effect undone or skipped, in reverse order.
 */
export function conformanceProblem(run: RunRecord): string | null {
  const { definition } = run
  if (definition === null) return null
  const names = definition.steps.map(({ name }) => name)
  const stranger = run.events.find(({ step_name: name }) => name !== null && !names.includes(name))
  if (stranger)
    return `event ${stranger.execution_seq} is of step ${stranger.step_name}, which its definition does not have`
  return (
    orderProblem(run, definition) ??
    attemptProblem(run, definition) ??
    completionProblem(run, names) ??
    triggerProblem(run) ??
    rollbackProblem(run)
  )
}

type Definition = NonNullable<RunRecord['definition']>

const ofStep = (events: readonly RunEvent[], name: string, operation: 'DO' | 'UNDO'): readonly RunEvent[] =>
  events.filter((event) => event.step_name === name && event.operation_type === operation)

function orderProblem({ events }: RunRecord, { steps }: Definition): string | null {
  for (const { name, after } of steps) {
    const started = ofStep(events, name, 'DO').find(({ event_type: type }) => type === 'STEP_STARTED')
    if (started === undefined) continue
    const early = after.find((before) => {
      const end = ofStep(events, before, 'DO').find((event) => isSatisfying(event))
      return end === undefined || end.execution_seq > started.execution_seq
    })
    if (early !== undefined) return `${name} started before ${early} was done`
  }
  return null
}

/** A step that failed for good and may be skipped satisfies, too: then STEP_SKIPPED follows. */
const isSatisfying = ({ event_type: type }: RunEvent): boolean => satisfying.includes(type)

function attemptProblem({ events }: RunRecord, { steps }: Definition): string | null {
  for (const { name, retry } of steps)
    for (const operation of ['DO', 'UNDO'] as const) {
      const own = ofStep(events, name, operation)
      const problem = own.some((event) => event.is_erased) ? null : retryProblem(own, retry.maxRetries)
      if (problem) return `${operation} ${name} ${problem}`
    }
  return null
}

function retryProblem(own: readonly RunEvent[], maxRetries: number): string | null {
  let allowed = maxRetries
  for (const event of own) {
    allowed = grantedBy(event, allowed)
    if (event.event_type !== 'STEP_RETRY_TRIGGERED') continue
    const { retry_count: retry, details } = event
    if ((retry ?? 0) > allowed)
      return `was tried again for the ${retry}. time, and ${allowed} retries are allowed`
    if (details['maxRetries'] !== allowed)
      return `tells in event ${event.execution_seq} of other retries than the ${allowed} that are allowed`
  }
  return null
}

/** Retries allowed after an event: an operator or a handler may have granted others. */
function grantedBy({ event_type: type, details }: RunEvent, allowed: number): number {
  if (type === 'STEP_RETRY_REQUESTED' && typeof details['maxRetries'] === 'number')
    return details['maxRetries']
  const isRetryAdjusted = type === 'ADAPTIVE_ADJUSTMENT' && details['adjustmentType'] === 'retry'
  return isRetryAdjusted && typeof details['to'] === 'number' ? details['to'] : allowed
}

function completionProblem({ events }: RunRecord, names: readonly string[]): string | null {
  const completed = events.findLast(({ event_type: type }) => type === 'ORCHESTRATION_COMPLETED')
  if (completed === undefined) return null
  const open = names.find((name) => !ofStep(events, name, 'DO').some((event) => isSatisfying(event)))
  return open === undefined ? null : `it completed without ${open}`
}

/** A rollback is triggered by a failure or a cancel, right before; or by an operator who takes one up again. */
function triggerProblem({ events }: RunRecord): string | null {
  for (const [place, event] of events.entries()) {
    const { event_type: type, execution_seq: number, details } = event
    if (event.is_erased) continue
    if (
      type === 'ROLLBACK_STARTED' &&
      !events.slice(0, place).some(({ event_type: one }) => one === 'ROLLBACK_TRIGGERED')
    )
      return `its rollback started with event ${number}, and nothing triggered it`
    if (type !== 'ROLLBACK_TRIGGERED') continue
    const cause = events[place - 1]?.event_type
    const isByFailure = typeof details['triggerStep'] === 'string'
    const isTakenUp = !isByFailure && details['before'] === 'rollback_failed'
    if (isTakenUp || cause === (isByFailure ? 'ORCHESTRATION_FAILED' : 'ORCHESTRATION_CANCELLED')) continue
    return `event ${number} triggers its rollback, and no failure or cancel comes before it`
  }
  return null
}

/** The last rollback, from its plan to its end. */
function rollbackProblem(run: RunRecord): string | null {
  const { events } = run
  const plan = events.findLast(({ event_type: type }) => type === 'ROLLBACK_STARTED')
  if (plan === undefined || plan.is_erased) return missingRollback(run)
  const planned = plan.details['stepsToRollback']
  const due = dueOf(run, plan)
  if (JSON.stringify(planned) !== JSON.stringify(due))
    return `its rollback planned ${JSON.stringify(planned)}, and ${JSON.stringify(due)} had to be undone`
  const started = events
    .filter(
      ({ event_type: type, operation_type: operation }) => type === 'STEP_STARTED' && operation === 'UNDO',
    )
    .map(({ step_name: name }) => name)
  const inOrder = due.filter((name) => started.includes(name))
  if (JSON.stringify(started) !== JSON.stringify(inOrder))
    return `its steps were undone as ${started.join(', ')}, and not as ${inOrder.join(', ')}`
  const completed = events.findLast(({ event_type: type }) => type === 'ROLLBACK_COMPLETED')
  const left = due.find((name) => !ofStep(events, name, 'UNDO').some((event) => isSatisfying(event)))
  return completed && left !== undefined ? `its rollback completed without ${left}` : null
}

function missingRollback({ events }: RunRecord): string | null {
  const failed = events.findLast(({ event_type: type }) => type === 'ORCHESTRATION_FAILED')
  const ended = events.findLast(({ event_type: type }) => type === 'ROLLBACK_COMPLETED')
  return failed &&
    ended &&
    !failed.is_erased &&
    !events.some(({ event_type: type }) => type === 'ROLLBACK_STARTED')
    ? 'it failed and was rolled back without a plan'
    : null
}

/** Steps that had an effect, or may have had one, the last one first. */
function dueOf({ transitions, steps, events }: RunRecord, plan: RunEvent): readonly string[] {
  const hadEffect = steps.filter((step) => {
    if (step.operation_type !== 'DO') return false
    if (step.status === 'complete' || step.status === 'resolved_manually') return true
    return transitions.some(
      (transition) =>
        transition.workflow_step_uuid === step.workflow_step_uuid &&
        transition.metadata['outcome_unknown'] === true,
    )
  })
  const endOf = (name: string): number =>
    ofStep(events, name, 'DO').findLast(
      (event) =>
        event.execution_seq < plan.execution_seq &&
        (isSatisfying(event) || event.event_type === 'STEP_FAILED'),
    )?.execution_seq ?? Number.MAX_SAFE_INTEGER
  return hadEffect.map(({ name }) => name).toSorted((one, other) => endOf(other) - endOf(one))
}
