import {
  actorTypes,
  engineCapabilities,
  type EngineCapability,
  eventLimits,
  operationTypes,
} from '@steptrail/event'
import { executionStates, stepStates } from '@steptrail/workflow/states'
import { z } from 'zod'
import { eventSchema } from './event.ts'
import { named } from './named.ts'
import { cursorParameter, limitParameter, textParameter, timeParameter, wordParameter } from './parameters.ts'

/** Who did something. */
export const actorSchema = z.strictObject({
  type: z.enum(actorTypes),
  id: z.string().min(1).max(eventLimits.nameLength),
})

const instant = z.string().nullable()

/** What an engine shows of its executions, for each capability whether it does. */
export const engineCapabilitiesSchema = named(
  'EngineCapabilities',
  z.strictObject(
    Object.fromEntries(
      Object.entries(engineCapabilities).map(([name, meaning]) => [name, z.boolean().describe(meaning)]),
    ) as Record<EngineCapability, z.ZodBoolean>,
  ),
)

const summary = {
  executionId: z.guid(),
  workflowName: z.string(),
  workflowVersion: z.string(),
  definitionHash: z.string(),
  engine: z.string().describe('steptrail, or another engine that an adapter puts on record.'),
  engineExecutionId: z.string().nullable().describe('Its id in that other engine.'),
  engineCapabilities: engineCapabilitiesSchema
    .nullable()
    .describe('What that other engine shows: what it does not is not observable. Null for steptrail.'),
  status: z.enum(executionStates),
  correlationId: z.string(),
  idempotencyKey: z.string().nullable(),
  actor: actorSchema.nullable(),
  tenant: z.string(),
  createdAt: z.string(),
  startedAt: instant,
  completedAt: instant,
  durationMs: z.int().nullable(),
  totalSteps: z.int(),
  completedSteps: z.int(),
  retries: z.int(),
  rolledBackSteps: z.int(),
} as const

/** An execution at a glance. */
export const executionSummarySchema = named('ExecutionSummary', z.strictObject(summary))

/** A step as it stands. */
export const stepSchema = named(
  'Step',
  z.strictObject({
    stepId: z.guid(),
    index: z.int(),
    name: z.string(),
    action: z.string(),
    service: z.string(),
    operationType: z.enum(operationTypes),
    undoesStepId: z.string().nullable(),
    status: z.enum(stepStates),
    attempt: z.int(),
    maxRetries: z.int(),
    timeoutMs: z.int(),
    workerUuid: z.string().nullable(),
    startedAt: instant,
    attemptStartedAt: instant,
    completedAt: instant,
    notBefore: instant,
    outcomeUnknown: z.boolean(),
    lastError: z.string().nullable(),
    output: z.unknown(),
  }),
)

/** An execution as it stands, with its steps in order. */
export const executionSchema = named(
  'Execution',
  z.strictObject({
    ...summary,
    input: z.unknown(),
    output: z.unknown(),
    steps: z.array(stepSchema),
    /** Due steps that no live worker implements. */
    unattended: z.array(
      z.strictObject({ stepName: z.string(), service: z.string(), operationType: z.enum(operationTypes) }),
    ),
  }),
)

/** The parameters of `GET /api/v1/executions`. */
export const executionListQuerySchema = z.strictObject({
  workflow_name: textParameter(),
  status: wordParameter(executionStates),
  correlation_id: textParameter(),
  tenant: textParameter(),
  start_date: timeParameter.describe('Created at this time or later.'),
  end_date: timeParameter.describe('Created up to this time.'),
  limit: limitParameter,
  cursor: cursorParameter,
})

/** One page of executions, the newest first. */
export const executionListSchema = named(
  'ExecutionList',
  z.strictObject({ executions: z.array(executionSummarySchema), next_cursor: z.string().nullable() }),
)

/** The steps of an execution. */
export const stepListSchema = named('StepList', z.strictObject({ steps: z.array(stepSchema) }))

/** The events of an execution in order, with the time between them. */
export const timelineSchema = named(
  'Timeline',
  z.strictObject({
    entries: z.array(
      named(
        'TimelineEntry',
        eventSchema
          .omit({
            recordedAt: true,
            traceId: true,
            spanId: true,
            resourceType: true,
            resourceId: true,
            schemaVersion: true,
            recorderId: true,
            recorderSeq: true,
            source: true,
            operator: true,
            result: true,
            extraInfo: true,
          })
          .extend({
            /** Milliseconds since the event before; null for the first. */
            gapMs: z.int().nullable(),
            /** Milliseconds since the first. */
            runningMs: z.int(),
          }),
      ),
    ),
  }),
)

/** What starts an execution. */
export const startSchema = named(
  'StartExecution',
  z.strictObject({
    workflow: z
      .string()
      .min(1)
      .max(eventLimits.nameLength)
      .describe('The name of a workflow that a worker registered.'),
    version: z
      .string()
      .min(1)
      .max(eventLimits.nameLength)
      .optional()
      .describe('The one registered last, unless given.'),
    input: z.unknown(),
    correlationId: z.string().min(1).max(eventLimits.nameLength).optional(),
    actor: actorSchema
      .optional()
      .describe('Who starts it. With authentication it is the principal; see details.givenActor.'),
    tenant: z.string().min(1).max(eventLimits.nameLength).optional(),
  }),
)

/** What was started, or had been by an earlier request with the same Idempotency-Key. */
export const startedSchema = named(
  'StartedExecution',
  z.strictObject({ executionId: z.guid(), created: z.boolean() }),
)

/** See the schemas of the same names. */
export type Start = z.input<typeof startSchema>
/** The answer to a start. */
export type Started = z.output<typeof startedSchema>
/** What a list of executions is asked for. */
export type ExecutionListQuery = z.input<typeof executionListQuerySchema>
/** A page of executions. */
export type ExecutionList = z.output<typeof executionListSchema>
/** An execution, as it stands. */
export type Execution = z.output<typeof executionSchema>
/** The steps of an execution. */
export type StepList = z.output<typeof stepListSchema>
/** The events of an execution in order, with the time between them. */
export type Timeline = z.output<typeof timelineSchema>
