import type { Observation } from '@steptrail/core'
import type { Asked } from './actor.ts'
import { eventTimes } from './event-times.ts'
import type { EventOf, History, HistoryEvent } from './history-event.ts'
import { engineExecutionIdOf } from './run.ts'

/** What a history is read for, beside what it says itself. */
export interface ProjectionOptions {
  /** Activities that undo others, by their names: `{ release: 'reserve' }`. */
  readonly undoes?: Readonly<Record<string, string>> | undefined
  /** Of what is done without a worker, such as timers and child workflows: `service_name`. Default `temporal`. */
  readonly serviceName?: string | undefined
  /** When it is from before anything of it was observed. */
  readonly isBackfilled?: boolean | undefined
  /** Who asked to cancel, where the trail knows it: a request to cancel takes no word of who asks to the history. */
  readonly cancelAsked?: Asked | null | undefined
}

/** A history while it is read: its events by number, and when they happened. */
export interface Projection {
  readonly history: History
  readonly options: ProjectionOptions
  readonly execution: string
  /** When an event happened. */
  at(event: HistoryEvent): number
  /** Tells an activity from the others of its run, also by whoever knows no more than its id and that it is the first of that. */
  keyOfActivity(scheduled: EventOf<'activityTaskScheduled'>): string
  /** An event that another refers to, where it is of the type that belongs there. */
  find<Type extends HistoryEvent['type']>(id: number, type: Type): EventOf<Type> | null
}

/** Prepares a history to be read. */
export function projectionOf(history: History, options: ProjectionOptions): Projection {
  const times = eventTimes(history)
  const keys = activityKeys(history)
  const through = history.earlier?.through ?? 0
  return {
    history,
    options,
    execution: engineExecutionIdOf(history),
    at: ({ id, at }) => times.get(id) ?? at,
    keyOfActivity: ({ id, attributes }) => keys.get(id) ?? keyOfActivityId(attributes.activityId),
    find: (id, type) => {
      const event = id > through ? history.events[id - through - 1] : history.earlier?.open.get(id)
      return event?.type === type ? (event as EventOf<typeof type>) : null
    },
  }
}

/** What every observation of an event has. */
export const baseOf = (
  projection: Projection,
  event: HistoryEvent,
): Pick<Observation, 'execution' | 'at'> => ({
  execution: projection.execution,
  at: projection.at(event),
})

/** An id that an application gives again after its activity has ended is numbered. */
function activityKeys({ events, earlier }: History): ReadonlyMap<number, string> {
  const used = new Map(earlier?.activityIds)
  const keys = new Map<number, string>()
  for (const event of events) {
    if (event.type !== 'activityTaskScheduled') continue
    const { activityId } = event.attributes
    const uses = (used.get(activityId) ?? 0) + 1
    used.set(activityId, uses)
    keys.set(event.id, uses === 1 ? keyOfActivityId(activityId) : `${keyOfActivityId(activityId)}#${uses}`)
  }
  return keys
}

/** The key of the first activity of an id; those of other steps are the numbers of events. */
export const keyOfActivityId = (activityId: string): string => `activity ${activityId}`
