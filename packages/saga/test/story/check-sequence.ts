import { isEnded } from '@steptrail/workflow'
import type { EventRow, Story } from './story.ts'

const endingEvents: Readonly<Record<string, readonly string[]>> = {
  completed: ['ORCHESTRATION_COMPLETED'],
  failed: ['ROLLBACK_COMPLETED'],
  rollback_failed: ['ROLLBACK_FAILED'],
  cancelled: ['ROLLBACK_COMPLETED', 'ORCHESTRATION_CANCELLED'],
}

/** Numbers 1..n, times that strictly increase, the first event and the last. */
export function sequenceFaults({ execution, events }: Story): readonly string[] {
  const starts = events.filter((event) => event.event_type === 'ORCHESTRATION_STARTED')
  const last = events.at(-1)
  return [
    ...events.flatMap((event, position) => eventFaults(event, { position, before: events[position - 1] })),
    ...(events[0]?.event_type === 'ORCHESTRATION_STARTED' && starts.length === 1
      ? []
      : [
          `it begins with ${events[0]?.event_type ?? 'nothing'} and has ${starts.length} ORCHESTRATION_STARTED`,
        ]),
    ...(execution.next_seq === events.length + 1
      ? []
      : [`its next number is ${execution.next_seq} after ${events.length} events`]),
    ...(execution.last_event_at === (last?.timestamp ?? null)
      ? []
      : [`its last event is said to be at ${execution.last_event_at}, and is at ${last?.timestamp}`]),
    ...endFaults({ execution, events }),
  ]
}

interface Place {
  readonly position: number
  readonly before: EventRow | undefined
}

function eventFaults(event: EventRow, { position, before }: Place): readonly string[] {
  const name = `event ${event.execution_seq} ${event.event_type}`
  return [
    ...(event.execution_seq === position + 1 ? [] : [`${name} is number ${position + 1} of its events`]),
    ...(before === undefined || event.timestamp > before.timestamp
      ? []
      : [`${name} at ${event.timestamp} is not later than the event before, at ${before.timestamp}`]),
  ]
}

function endFaults({ execution, events }: Pick<Story, 'execution' | 'events'>): readonly string[] {
  const { status, completed_at: completedAt } = execution
  const ended = isEnded(status)
  const last = events.findLast((event) => event.entity_type === 'ORCHESTRATION')
  const after = events.slice(last ? events.indexOf(last) + 1 : 0)
  const allowed = endingEvents[status] ?? []
  const late = ended
    ? after.filter(({ event_type: type }) => type !== 'STEP_RESULT_REJECTED' && type !== 'OPERATION')
    : []
  const others = Object.entries(endingEvents).flatMap(([, types]) => types)
  return [
    ...(ended === (completedAt !== null) ? [] : [`it is ${status}, completed at ${completedAt}`]),
    ...(!ended || allowed.includes(last?.event_type ?? '')
      ? []
      : [`it is ${status}, but its last ORCHESTRATION event is ${last?.event_type}`]),
    ...(!ended && others.includes(last?.event_type ?? '') && last?.event_type !== 'ORCHESTRATION_CANCELLED'
      ? [`it is ${status}, but its last ORCHESTRATION event is ${last?.event_type}`]
      : []),
    ...late.map((event) => `event ${event.execution_seq} ${event.event_type} comes after its end`),
  ]
}
