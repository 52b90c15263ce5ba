import { entityTypes, operationTypes, outcomes, severities } from '@steptrail/event'
import { textOf, wordOf } from '../application/search-parameters.ts'

/** How the list is kept up to date: as events are committed, every 30 seconds, or not. */
export const refreshes = ['live', '30s', 'off'] as const
export type Refresh = (typeof refreshes)[number]

/** Which events are listed; the names are those of the API's parameters. */
export const eventFilterNames = [
  'start_date',
  'end_date',
  'operation_type',
  'source',
  'result',
  'q',
  'event_type',
  'operation',
  'entity_type',
  'workflow_name',
  'step_name',
  'execution_id',
  'correlation_id',
  'actor',
  'severity',
] as const

/** What a reader chose to see, and how. */
export function eventsSearch(search: Record<string, unknown>) {
  return {
    ...eventFilters(search),
    /** `live` unless given; a time that has ended is not followed. */
    refresh: wordOf(search, 'refresh', refreshes),
    /** The id of the event whose details are shown. */
    event: textOf(search, 'event'),
  }
}

/** The filter of a search, without how it is shown. */
export const eventFilters = (search: Record<string, unknown>) => ({
  start_date: textOf(search, 'start_date'),
  end_date: textOf(search, 'end_date'),
  operation_type: textOf(search, 'operation_type'),
  source: textOf(search, 'source'),
  result: wordOf(search, 'result', outcomes),
  q: textOf(search, 'q'),
  event_type: textOf(search, 'event_type'),
  operation: wordOf(search, 'operation', operationTypes),
  entity_type: wordOf(search, 'entity_type', entityTypes),
  workflow_name: textOf(search, 'workflow_name'),
  step_name: textOf(search, 'step_name'),
  execution_id: textOf(search, 'execution_id'),
  correlation_id: textOf(search, 'correlation_id'),
  actor: textOf(search, 'actor'),
  severity: wordOf(search, 'severity', severities),
})

/** See `eventsSearch`. */
export type EventsSearch = Partial<ReturnType<typeof eventsSearch>>
/** See `eventFilters`. */
export type EventFilters = Partial<ReturnType<typeof eventFilters>>

/** Whether anything narrows the list. */
export const isFiltered = (filters: EventFilters): boolean =>
  eventFilterNames.some((name) => filters[name] !== undefined)
