import type { Observation, ObservedHistory, PlacedObservation } from '@steptrail/core'
import { observeActivity } from './activity-steps.ts'
import { type History, type HistoryEvent, lastTelling } from './history-event.ts'
import { observeLocalActivity } from './local-activity-steps.ts'
import { observeOperation } from './operation-steps.ts'
import { baseOf, type Projection, projectionOf, type ProjectionOptions } from './projection.ts'
import { cancelling, observeSignal, observeWorkflow, requestIn } from './workflow-events.ts'

/**
 * What a history tells, in the order in which it happened: pure, the same for the same history. Activities, local
 * activities, child workflows, Nexus operations and timers are steps; signals, updates and requests to cancel are on
 * record with who sent them.
 */
export function observationsOf(history: History, options: ProjectionOptions = {}): ObservedHistory {
  const projection = projectionOf(history, options)
  const told = history.events.flatMap((event) => {
    const observation = observationOf(projection, event)
    return observation === null ? [] : [placed(event, observation)]
  })
  const inOrder = inTheirOrder(told)
  const { through } = history.earlier ?? { through: 0 }
  const upTo = lastTelling(history)
  return {
    told: [...takenUp(projection, upTo), ...withCancelling(projection, inOrder)],
    through: upTo,
    after: through,
  }
}

/** That a run has started comes before everything else, whatever its servers' clocks say. */
function inTheirOrder(told: readonly PlacedObservation[]): readonly PlacedObservation[] {
  const start = told.filter(({ observation }) => observation.kind === 'started')
  const others = told.filter(({ observation }) => observation.kind !== 'started')
  return [...start, ...others.toSorted((one, other) => one.observation.at - other.observation.at)]
}

/** One that its server knew no longer goes on when somebody has more of its history. */
function takenUp(projection: Projection, through: number): readonly PlacedObservation[] {
  const last = projection.history.events.find(({ id }) => id === through)
  if (!last) return []
  const reason = 'More of its history has come to be known'
  const observation = { ...baseOf(projection, last), kind: 'taken_up', actor: null, reason } as const
  return [{ place: through, withdraws: forgottenMark, observation }]
}

function observationOf(projection: Projection, event: HistoryEvent): Observation | null {
  return (
    observeWorkflow(projection, event) ??
    observeActivity(projection, event) ??
    observeLocalActivity(projection, event) ??
    observeOperation(projection, event) ??
    observeSignal(projection, event)
  )
}

/** Under this it is told once of a run that it was asked to cancel itself. */
export const cancelMark = 'cancel requested'

/** Under this it is told once that its server knows it no longer. */
export const forgottenMark = 'forgotten'

/** A workflow is asked to cancel itself once; who asks may have said so before its history does. */
const placed = (event: HistoryEvent, observation: Observation): PlacedObservation => ({
  place: event.id,
  observation,
  ...(event.type === 'workflowExecutionCancelRequested' && { once: cancelMark }),
})

/** What is undone after a request to cancel is undone for that. */
function withCancelling(
  projection: Projection,
  told: readonly PlacedObservation[],
): readonly PlacedObservation[] {
  const request = requestIn(projection)
  const first = told.findIndex(
    ({ place, observation }) =>
      'step' in observation &&
      observation.step.operation === 'UNDO' &&
      request !== null &&
      (place ?? 0) > request.id,
  )
  const undo = told[first]
  const observation = undo && cancelling(projection, undo.observation.at)
  if (!undo || !observation) return told
  return [...told.slice(0, first), { place: undo.place, observation }, ...told.slice(first)]
}
