import { eventLimits } from '@steptrail/event'
import { z } from 'zod'
import { historyEnums } from './history-enums.ts'

/** A number of 64 bits, which JSON has as text; absent where it is 0. */
export const long = z
  .union([z.string().regex(/^\d{1,19}$/, 'is not a whole number'), z.int().min(0)])
  .transform(Number)

const text = z.string().min(1)
const optionalText = z.string().optional()
/** A value by its name; some tools write its number. */
const named = (field: keyof typeof historyEnums) =>
  z
    .union([z.string(), z.int()])
    .transform((value) => (typeof value === 'number' ? historyEnums[field][value] : value))
    .optional()
const eventId = long.optional().default(0)

const payload = z.looseObject({
  metadata: z.record(z.string(), z.string()).nullish(),
  data: z.string().nullish(),
})

/** A value as Temporal stores it. */
export type Payload = z.output<typeof payload>

const payloads = z.looseObject({ payloads: z.array(payload).nullish() }).nullish()
const tooLong = `is longer than ${eventLimits.nameLength} characters, the most that a correlation id has`

/** The id of a workflow that is a correlation id on record, and is not cut. */
const correlationId = z
  .string()
  .max(eventLimits.nameLength, tooLong)
  .regex(/^[^\0]*$/, 'holds U+0000')
const header = z.looseObject({ fields: z.record(z.string(), payload).nullish() }).nullish()
const run = z.looseObject({ workflowId: text, runId: optionalText }).nullish()
const relative = z.looseObject({ workflowId: correlationId.min(1) }).nullish()
const withName = z.looseObject({ name: text })

/** A failure, with those that caused it. */
export interface Failure {
  readonly message?: string | undefined
  /** Message and stack trace, where a converter of the application has encoded them. */
  readonly encodedAttributes?: Payload | null | undefined
  readonly cause?: Failure | null | undefined
  readonly applicationFailureInfo?: { readonly type?: string | undefined } | null | undefined
  readonly timeoutFailureInfo?: { readonly timeoutType?: string | undefined } | null | undefined
  readonly canceledFailureInfo?: object | null | undefined
  readonly terminatedFailureInfo?: object | null | undefined
}

const failure: z.ZodType<Failure | null | undefined> = z.lazy(() =>
  z
    .looseObject({
      message: optionalText,
      encodedAttributes: payload.nullish(),
      cause: failure,
      applicationFailureInfo: z.looseObject({ type: optionalText }).nullish(),
      timeoutFailureInfo: z.looseObject({ timeoutType: named('timeoutType') }).nullish(),
      canceledFailureInfo: z.looseObject({}).nullish(),
      terminatedFailureInfo: z.looseObject({}).nullish(),
    })
    .nullish(),
)

const updateMeta = z.looseObject({ updateId: optionalText, identity: optionalText }).nullish()
const updateRequest = z
  .looseObject({ meta: updateMeta, input: z.looseObject({ name: optionalText, header }).nullish() })
  .nullish()

/** What somebody asked of a workflow by an update. */
export type UpdateRequest = NonNullable<z.output<typeof updateRequest>>

const toActivity = { scheduledEventId: long, startedEventId: eventId, identity: optionalText }
const toChild = { initiatedEventId: long }
const toNexus = { scheduledEventId: long }

/** Attempts over this are of a history that cannot be on record: each would be a row. */
const mostAttempts = 10_000

/** What is read of the attributes of an event, by its type; events of other types tell nothing that is on record. */
export const eventAttributes = {
  workflowExecutionStarted: z.looseObject({
    workflowType: withName,
    workflowId: correlationId.optional(),
    originalExecutionRunId: optionalText,
    parentWorkflowExecution: relative,
    rootWorkflowExecution: relative,
    continuedExecutionRunId: optionalText,
    identity: optionalText,
    input: payloads,
    header,
  }),
  workflowTaskCompleted: z.looseObject({
    workerVersion: z.looseObject({ buildId: optionalText, useVersioning: z.boolean().optional() }).nullish(),
    deploymentVersion: z.looseObject({ buildId: optionalText }).nullish(),
  }),
  workflowTaskFailed: z.looseObject({ newRunId: optionalText }),
  activityTaskScheduled: z.looseObject({
    activityId: text,
    activityType: withName,
    taskQueue: z.looseObject({ name: optionalText }).nullish(),
    retryPolicy: z.looseObject({ maximumAttempts: z.int().min(0).optional() }).nullish(),
  }),
  activityTaskStarted: z.looseObject({
    scheduledEventId: long,
    identity: optionalText,
    attempt: z
      .int()
      .min(0)
      .max(mostAttempts, `is more than ${mostAttempts}, the most that can be on record of one activity`)
      .optional()
      .default(1),
    lastFailure: failure,
  }),
  activityTaskCompleted: z.looseObject({ ...toActivity, result: payloads }),
  activityTaskFailed: z.looseObject({ ...toActivity, failure, retryState: named('retryState') }),
  activityTaskTimedOut: z.looseObject({ ...toActivity, failure, retryState: named('retryState') }),
  activityTaskCanceled: z.looseObject(toActivity),
  timerStarted: z.looseObject({ timerId: text }),
  timerFired: z.looseObject({ startedEventId: long }),
  timerCanceled: z.looseObject({ startedEventId: long }),
  startChildWorkflowExecutionInitiated: z.looseObject({ workflowId: text, workflowType: withName }),
  startChildWorkflowExecutionFailed: z.looseObject({ ...toChild, cause: named('startChildCause') }),
  childWorkflowExecutionStarted: z.looseObject(toChild),
  childWorkflowExecutionCompleted: z.looseObject({ ...toChild, result: payloads }),
  childWorkflowExecutionFailed: z.looseObject({ ...toChild, failure }),
  childWorkflowExecutionCanceled: z.looseObject(toChild),
  childWorkflowExecutionTimedOut: z.looseObject(toChild),
  childWorkflowExecutionTerminated: z.looseObject(toChild),
  nexusOperationScheduled: z.looseObject({ service: text, operation: text }),
  nexusOperationStarted: z.looseObject(toNexus),
  nexusOperationCompleted: z.looseObject({ ...toNexus, result: payload.nullish() }),
  nexusOperationFailed: z.looseObject({ ...toNexus, failure }),
  nexusOperationCanceled: z.looseObject({ ...toNexus, failure }),
  nexusOperationTimedOut: z.looseObject({ ...toNexus, failure }),
  markerRecorded: z.looseObject({
    markerName: text,
    details: z.record(z.string(), payloads).nullish(),
    failure,
  }),
  workflowExecutionSignaled: z.looseObject({ signalName: text, identity: optionalText, header }),
  workflowExecutionUpdateAccepted: z.looseObject({
    protocolInstanceId: optionalText,
    acceptedRequest: updateRequest,
  }),
  workflowExecutionUpdateCompleted: z.looseObject({
    meta: updateMeta,
    acceptedEventId: eventId,
    outcome: z.looseObject({ success: payloads, failure }).nullish(),
  }),
  workflowExecutionUpdateRejected: z.looseObject({
    protocolInstanceId: optionalText,
    rejectedRequest: updateRequest,
    failure,
  }),
  workflowExecutionCancelRequested: z.looseObject({
    cause: optionalText,
    identity: optionalText,
    externalWorkflowExecution: run,
  }),
  workflowExecutionCompleted: z.looseObject({ result: payloads, newExecutionRunId: optionalText }),
  workflowExecutionFailed: z.looseObject({ failure, newExecutionRunId: optionalText }),
  workflowExecutionTimedOut: z.looseObject({ newExecutionRunId: optionalText }),
  workflowExecutionCanceled: z.looseObject({}),
  workflowExecutionTerminated: z.looseObject({
    reason: optionalText,
    details: payloads,
    identity: optionalText,
  }),
  workflowExecutionContinuedAsNew: z.looseObject({ newExecutionRunId: optionalText }),
} as const satisfies Readonly<Record<string, z.ZodType>>

/** The types of events that are read. */
export type EventType = keyof typeof eventAttributes
