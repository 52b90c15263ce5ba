import type { RunEvent, RunRecord } from './run-record.ts'
import { endings, endingsOf, openStates } from './step-states.ts'

/** Numbers 1 to n, times that strictly increase, the first event and the last. Null when all is as it should be. */
export function sequenceProblem({ execution, events }: RunRecord): string | null {
  for (const [place, event] of events.entries()) {
    const problem = placeProblem(event, place, events[place - 1])
    if (problem) return problem
  }
  const [first] = events
  if (first === undefined)
    return execution.next_seq === 1 ? null : `none of its ${execution.next_seq - 1} events is there`
  if (first.event_type !== 'ORCHESTRATION_STARTED') return `its first event is ${first.event_type}`
  const again = events.slice(1).find(({ event_type: type }) => type === 'ORCHESTRATION_STARTED')
  if (again) return `event ${again.execution_seq} starts it a second time`
  if (execution.next_seq !== events.length + 1)
    return `${execution.next_seq - 1} events were numbered, and ${events.length} are there`
  return endProblem({ execution, events })
}

function placeProblem(event: RunEvent, place: number, before: RunEvent | undefined): string | null {
  if (event.execution_seq !== place + 1)
    return event.execution_seq > place + 1
      ? `event ${place + 1} is missing`
      : `event ${event.execution_seq} is there twice`
  if (before && event.timestamp <= before.timestamp)
    return `event ${event.execution_seq} is not later than the one before it`
  return null
}

/** What may come after the end: what a worker reports too late, and what an application records about it. */
const afterTheEnd: readonly string[] = ['STEP', 'OPERATION', 'SELECTION']

function endProblem({ execution, events }: Pick<RunRecord, 'execution' | 'events'>): string | null {
  const lastOfItself = events.findLast((event) => event.entity_type === 'ORCHESTRATION')
  const ended = endingsOf(execution.status)
  if (ended === undefined) {
    if (!openStates.includes(execution.status)) return `it is ${execution.status}, which no execution can be`
    const isEnd = Object.values(endings)
      .flat()
      .includes(lastOfItself?.event_type ?? '')
    return isEnd && lastOfItself?.event_type !== 'ORCHESTRATION_CANCELLED'
      ? `it is ${execution.status}, though ${lastOfItself?.event_type} ended it`
      : null
  }
  if (!ended.includes(lastOfItself?.event_type ?? ''))
    return `it is ${execution.status}, and its last event is ${lastOfItself?.event_type}`
  const late = events.find(
    (event) =>
      event.execution_seq > (lastOfItself?.execution_seq ?? 0) &&
      (!afterTheEnd.includes(event.entity_type) ||
        (event.entity_type === 'STEP' && event.event_type !== 'STEP_RESULT_REJECTED')),
  )
  return late ? `event ${late.execution_seq} ${late.event_type} comes after its end` : null
}
