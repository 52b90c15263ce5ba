import { isSatisfied } from '@steptrail/workflow'
import { transitionsOf } from './check-transitions.ts'
import type { EventRow, StepRow, Story } from './story.ts'

/** What an execution that ended, or waits for somebody, promises about its steps. */
export function promiseFaults(story: Story): readonly string[] {
  switch (story.execution.status) {
    case 'completed':
      return completedFaults(story)
    case 'failed':
    case 'rollback_failed':
      return rollbackFaults(story)
    case 'cancelled':
      return wasRolledBack(story) ? rollbackFaults(story) : cancelledFaults(story)
    case 'paused':
      return reasonFaults(story, 'ORCHESTRATION_PAUSED')
    case 'blocked':
      return blockedFaults(story)
    default:
      return []
  }
}

const ofKind = ({ steps }: Story, operation: StepRow['operation_type']): readonly StepRow[] =>
  steps.filter((step) => step.operation_type === operation)

const lastOf = ({ events }: Story, ...types: readonly string[]): EventRow | undefined =>
  events.findLast((event) => types.includes(event.event_type))

const wasRolledBack = (story: Story): boolean => lastOf(story, 'ROLLBACK_TRIGGERED') !== undefined

function completedFaults(story: Story): readonly string[] {
  const open = ofKind(story, 'DO').filter((step) => !isSatisfied(step.status))
  const undone = ofKind(story, 'UNDO')
  const missing = story.definition.steps.filter(
    ({ name }) => !ofKind(story, 'DO').some((step) => step.name === name),
  )
  return [
    ...open.map((step) => `it is completed, but ${step.name} is ${step.status}`),
    ...undone.map((step) => `it is completed, but ${step.name} has an UNDO`),
    ...missing.map(({ name }) => `it is completed without ${name}`),
  ]
}

/** What is completed or unknown is undone or skipped, in reverse order of completion; else it is named as left. */
function rollbackFaults(story: Story): readonly string[] {
  const undos = ofKind(story, 'UNDO').toSorted((one, other) => startOf(story, one) - startOf(story, other))
  const open = ofKind(story, 'DO').filter((step) => !settled.includes(step.status))
  const due = ofKind(story, 'DO')
    .filter((step) => mustBeUndone(story, step))
    .toSorted((one, other) => endOf(story, other) - endOf(story, one))
    .map((step) => step.name)
  const { status } = story.execution
  const plan = lastOf(story, 'ROLLBACK_STARTED')
  const late = story.events.filter(
    (event) =>
      event.operation_type === 'DO' &&
      (event.event_type === 'STEP_SUCCESS' || event.event_type === 'STEP_FAILED') &&
      event.execution_seq > (plan?.execution_seq ?? 0),
  )
  return [
    ...open.map((step) => `it is ${status}, but DO ${step.name} is ${step.status}`),
    ...late.map((event) => `DO ${event.step_name} came to an outcome after its rollback was planned`),
    ...same('its rollback planned', plan?.details['stepsToRollback'], due),
    ...same('its UNDO steps are', ofKind(story, 'UNDO').map(nameOf), due),
    ...(status === 'rollback_failed' ? leftFaults(story, undos) : undoneFaults(story, undos)),
  ]
}

const settled: readonly string[] = ['complete', 'skipped', 'resolved_manually', 'cancelled', 'error']
const nameOf = (step: StepRow): string => step.name

function undoneFaults(story: Story, undos: readonly StepRow[]): readonly string[] {
  const { status } = story.execution
  const started = undos.filter((step) => startOf(story, step) < Infinity).map(nameOf)
  const ended = undos
    .filter((step) => startOf(story, step) < Infinity)
    .toSorted((one, other) => endOf(story, one) - endOf(story, other))
  return [
    ...undos
      .filter((step) => !isSatisfied(step.status))
      .map((step) => `it is ${status}, but UNDO ${step.name} is ${step.status}`),
    ...same('its UNDO steps ended as', ended.map(nameOf), started),
    ...same(
      'ROLLBACK_COMPLETED names',
      lastOf(story, 'ROLLBACK_COMPLETED')?.details['rolledBackSteps'],
      ofKind(story, 'UNDO')
        .filter((step) => step.status !== 'skipped')
        .map(nameOf),
    ),
  ]
}

function leftFaults(story: Story, undos: readonly StepRow[]): readonly string[] {
  const left = ofKind(story, 'UNDO').filter((step) => !isSatisfied(step.status))
  return [
    ...(undos.some((step) => step.status === 'error') ? [] : ['its rollback failed, but no UNDO did']),
    ...same(
      'ROLLBACK_FAILED names',
      lastOf(story, 'ROLLBACK_FAILED')?.details['leftUndone'],
      left.map(nameOf),
    ),
  ]
}

/** Completed or resolved; or an attempt fell silent or was given back, and none has succeeded since. */
function mustBeUndone({ transitions }: Story, step: StepRow): boolean {
  if (step.status === 'complete' || step.status === 'resolved_manually') return true
  return transitionsOf(transitions, step).some(
    (transition) => transition.metadata['outcome_unknown'] === true,
  )
}

/** Where in the sequence the step came to its last outcome; beyond it when it came to none, as one that was given back. */
const endOf = ({ events }: Story, step: StepRow): number =>
  events.findLast(
    (event) =>
      event.step_id === step.workflow_step_uuid &&
      ['STEP_SUCCESS', 'STEP_FAILED', 'STEP_SKIPPED', 'STEP_RESOLVED'].includes(event.event_type),
  )?.execution_seq ?? Number.MAX_SAFE_INTEGER

/** Where in the sequence the step started; infinite when it did not. */
const startOf = ({ events }: Story, step: StepRow): number =>
  events.find((event) => event.step_id === step.workflow_step_uuid && event.event_type === 'STEP_STARTED')
    ?.execution_seq ?? Infinity

function same(what: string, found: unknown, wanted: readonly string[]): readonly string[] {
  const [one, other] = [JSON.stringify(found ?? null), JSON.stringify(wanted)]
  return one === other ? [] : [`${what} ${one}, and should be ${other}`]
}

function cancelledFaults(story: Story): readonly string[] {
  const open = story.steps.filter((step) => !settled.includes(step.status))
  return [
    ...open.map((step) => `it is cancelled, but ${step.operation_type} ${step.name} is ${step.status}`),
    ...ofKind(story, 'UNDO').map((step) => `it is cancelled without rollback, but ${step.name} has an UNDO`),
    ...reasonFaults(story, 'ORCHESTRATION_CANCELLED'),
  ]
}

function reasonFaults(story: Story, eventType: string): readonly string[] {
  const event = lastOf(story, eventType)
  const { status } = story.execution
  return event?.actor_id && event.reason
    ? []
    : [`it is ${status}, but ${eventType} does not say by whom and why`]
}

function blockedFaults(story: Story): readonly string[] {
  const failed = ofKind(story, 'DO').filter((step) => step.status === 'error')
  return [
    ...(failed.length > 0 ? [] : ['it is blocked, but no step has failed']),
    ...(lastOf(story, 'ORCHESTRATION_BLOCKED')?.reason ? [] : ['it is blocked, but nothing says why']),
  ]
}
