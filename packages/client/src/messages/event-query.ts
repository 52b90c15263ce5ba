import {
  entityTypes,
  knownActions,
  knownSources,
  operationTypes,
  outcomes,
  severities,
} from '@steptrail/event'
import { z } from 'zod'
import { eventSchema } from './event.ts'
import { named } from './named.ts'
import {
  cursorParameter,
  flagParameter,
  limitParameter,
  numberParameter,
  textParameter,
  timeParameter,
  wordParameter,
} from './parameters.ts'

const filters = {
  operation_type: textParameter().describe(`What was done, such as ${knownActions.join(', ')}.`),
  result: wordParameter(outcomes),
  source: textParameter().describe(
    `The service, such as ${knownSources.join(', ')}; events without one: system.`,
  ),
  operation: wordParameter(operationTypes),
  event_type: textParameter(),
  entity_type: wordParameter(entityTypes),
  execution_id: textParameter(),
  workflow_name: textParameter(),
  step_name: textParameter(),
  correlation_id: textParameter(),
  actor: textParameter().describe('The id of who caused it.'),
  severity: wordParameter(severities),
  tenant: textParameter(),
} as const

const span = { start_date: timeParameter, end_date: timeParameter } as const
const search = textParameter(200).describe(
  'Text in any letter case, in type, step, action, message, reason, details.',
)

/** The parameters of `GET /api/v1/audit/events`. */
export const eventListQuerySchema = z.strictObject({
  ...span,
  ...filters,
  q: search.describe(
    'Text in any letter case, in type, step, action, message, reason, details. A page looks through 2,000 events that ' +
      'the other filters let through: it may hold fewer than its limit, or none, and have a next_cursor all the same.',
  ),
  order: wordParameter(['asc', 'desc']).describe('By time: desc unless given.'),
  limit: limitParameter,
  offset: numberParameter(0, 1_000_000).describe('Events to skip; not with a cursor, which is cheaper.'),
  cursor: cursorParameter,
  include_total: flagParameter.describe('true: count all that match as well.'),
})

/** The parameters of `GET /api/v1/audit/events/stream`. */
export const eventStreamQuerySchema = z.strictObject({
  ...filters,
  q: search,
  from: textParameter(4000).describe(
    'now (unless given), beginning, an instant in ISO 8601, or the id of an event of a stream. Last-Event-ID wins.',
  ),
})

/** The parameters of `GET /api/v1/audit/events/export`. */
export const eventExportQuerySchema = z.strictObject({
  format: z.enum(['csv', 'ndjson', 'parquet'], { error: 'is none of csv, ndjson, parquet' }),
  ...span,
  ...filters,
  q: search,
})

/** One page of events. */
export const eventListSchema = named(
  'EventList',
  z.strictObject({
    events: z.array(eventSchema),
    /** The time that was looked at; null where it is not bounded. */
    window: z.strictObject({ start_date: z.string().nullable(), end_date: z.string().nullable() }),
    next_cursor: z.string().nullable(),
    /** With `include_total`: all that match, on every page. */
    total: z.int().optional(),
  }),
)

/** What may be asked of lists of events; see the schema of the same name. */
export type EventListQuery = z.input<typeof eventListQuerySchema>
/** What may be asked of the stream of events. */
export type EventStreamQuery = z.input<typeof eventStreamQuerySchema>
/** What may be exported. */
export type EventExportQuery = z.input<typeof eventExportQuerySchema>
/** See `eventListSchema`. */
export type EventList = z.output<typeof eventListSchema>
