import type { EventRow, StepRow, Story, TransitionRow } from './story.ts'
import { transitionsOf } from './check-transitions.ts'

/** The STEP events that follow from no transition. */
const besides: readonly string[] = ['STEP_RESULT_REJECTED', 'ADAPTIVE_ADJUSTMENT']
const outcomes: readonly string[] = ['STEP_SUCCESS', 'STEP_FAILED']

/** The events of each step against its transitions, both ways: kind, count, order and attempts. */
export function outcomeFaults(story: Story): readonly string[] {
  const known = new Set(story.steps.map((step) => step.workflow_step_uuid))
  const strangers = story.events.filter(
    (event) => event.entity_type === 'STEP' && !known.has(event.step_id ?? ''),
  )
  return [
    ...strangers.map((event) => `event ${event.execution_seq} ${event.event_type} is of no step of it`),
    ...story.steps.flatMap((step) => stepFaults(story, step)),
  ]
}

function stepFaults({ events, transitions }: Story, step: StepRow): readonly string[] {
  const name = `${step.operation_type} ${step.name}`
  const own = events.filter((event) => event.step_id === step.workflow_step_uuid)
  const told = own.map((event) => event.event_type).filter((type) => !besides.includes(type))
  const follow = transitionsOf(transitions, step).flatMap(eventsFor)
  return [
    ...(told.join() === follow.join()
      ? []
      : [`${name}: its events are ${told.join(', ')}; its transitions make ${follow.join(', ')}`]),
    ...own
      .filter((event) => event.step_name !== step.name || event.operation_type !== step.operation_type)
      .map(
        (event) =>
          `${name}: event ${event.execution_seq} calls it ${event.operation_type} ${event.step_name}`,
      ),
    ...attemptFaults(own, step),
  ]
}

/** What a transition must have left on record. */
function eventsFor({ from_state: from, to_state: to, metadata }: TransitionRow): readonly string[] {
  switch (to) {
    case 'enqueued':
      if (from === 'pending') return ['STEP_STARTED']
      return metadata['order'] === undefined ? [] : ['STEP_RETRY_REQUESTED']
    case 'complete':
      return ['STEP_SUCCESS']
    case 'waiting_for_retry':
      return ['STEP_FAILED', 'STEP_RETRY_TRIGGERED']
    case 'error':
      return ['STEP_FAILED']
    case 'skipped':
      return ['STEP_SKIPPED']
    case 'resolved_manually':
      return ['STEP_RESOLVED']
    default:
      return []
  }
}

/** Attempts 1, 2, 3 … have exactly one outcome each; only the last may have none, while it runs or was cut off. */
function attemptFaults(own: readonly EventRow[], step: StepRow): readonly string[] {
  const name = `${step.operation_type} ${step.name}`
  const ended = own.filter((event) => outcomes.includes(event.event_type))
  const attempts = ended.map((event) => Number(event.details['attempt']))
  const mayBeOpen = ['in_progress', 'cancelled', 'resolved_manually'].includes(step.status)
  const isWhole = ended.length === step.attempt || (mayBeOpen && ended.length === step.attempt - 1)
  return [
    ...(attempts.every((attempt, position) => attempt === position + 1)
      ? []
      : [`${name}: its outcomes are of the attempts ${attempts.join(', ')}`]),
    ...(isWhole
      ? []
      : [`${name} is ${step.status} after ${step.attempt} attempts with ${ended.length} outcomes`]),
    ...ended
      .filter((event) => event.retry_count !== Number(event.details['attempt']) - 1)
      .map((event) => `${name}: event ${event.execution_seq} counts ${event.retry_count} retries`),
  ]
}
