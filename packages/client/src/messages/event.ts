import {
  auditEventSchema,
  type EventInput,
  knownActions,
  outcomes,
  operationTypes,
  severities,
  entityTypes,
  eventStatuses,
  actorTypes,
} from '@steptrail/event'
import { z } from 'zod'
import { named } from './named.ts'

const details = z.record(z.string(), z.unknown()).nullable()

/** An event as the API shows it: every key of the record, and the same facts under the names of an operations log. */
export const eventSchema = named(
  'Event',
  auditEventSchema.omit({ salt: true, details: true }).extend({
    details,
    /** `serviceName`, or `system`. */
    source: z.string(),
    /** `actorId`. */
    operator: z.string().nullable(),
    result: z.enum(outcomes),
    /** `details`. */
    extraInfo: details,
  }),
)

/** See `eventSchema`. */
export type Event = z.output<typeof eventSchema>

const text = z.string().nullish()

/**
 * An event to record, as documentation: what it says in full is checked by `prepareEvent`, event by event, so that
 * one that is refused does not take others with it.
 */
export const eventInputSchema = named(
  'EventInput',
  z.strictObject({
    id: z
      .guid()
      .nullish()
      .describe('Made by the caller, its first 48 bits the timestamp; repeats are duplicates.'),
    timestamp: z.iso.datetime({ offset: true }).nullish().describe('When it happened; required with an id.'),
    eventType: z.string().describe('OPERATION, or a type of your own such as billing.invoice.sent.'),
    entityType: z.enum(entityTypes).nullish(),
    status: z.enum(eventStatuses).nullish(),
    severity: z.enum(severities).nullish(),
    serviceName: text,
    executionId: text.describe('The execution that it is about.'),
    workflowName: text,
    workflowVersion: text,
    stepName: text,
    stepId: z.guid().nullish(),
    operationType: z.enum(operationTypes).nullish(),
    durationMs: z.int().min(0).nullish(),
    retryCount: z.int().min(0).nullish(),
    correlationId: text,
    parentEventId: z.guid().nullish(),
    traceId: text,
    spanId: text,
    actorType: z.enum(actorTypes).nullish(),
    actorId: text.describe('Who did it. With authentication it is the principal; see details.givenActor.'),
    resourceType: text,
    resourceId: text,
    action: text.describe(`What was done, such as ${knownActions.join(', ')}.`),
    reason: text,
    message: text,
    details: z.record(z.string(), z.unknown()).nullish(),
    tenant: text,
    schemaVersion: z.int().min(0).nullish(),
    recorderId: z.guid().nullish().describe('The recorder that numbers its events; with recorderSeq.'),
    recorderSeq: z.int().min(1).nullish().describe('1, 2, 3 … without gaps for each recorder.'),
  }),
)

/** An event to record over HTTP. */
export type EventToPost = EventInput & {
  readonly recorderId?: string | null | undefined
  readonly recorderSeq?: number | null | undefined
}

/** What became of one event of a request, in the order given. */
export const recordedSchema = named(
  'RecordedEvent',
  z.strictObject({
    /** The event's id; null where a refused event had none that can be told. */
    id: z.string().nullable(),
    /** `created`: on record now. `duplicate`: it was already, with the same content. `rejected`: it never will be. */
    status: z.enum(['created', 'duplicate', 'rejected']),
    /** Why it was rejected: an error code, and the same in words. */
    code: z.string().optional(),
    reason: z.string().optional(),
  }),
)

/** The answer to recording events. */
export const recordingSchema = named(
  'Recording',
  z.strictObject({
    results: z.array(recordedSchema),
    created: z.int(),
    duplicate: z.int(),
    rejected: z.int(),
  }),
)

/** See `recordedSchema`. */
export type PostedEvent = z.output<typeof recordedSchema>
/** See `recordingSchema`. */
export type Recording = z.output<typeof recordingSchema>
