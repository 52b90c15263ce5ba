import { operationTypes } from '@steptrail/event'
import { z } from 'zod'
import { named } from './named.ts'
import { numberParameter } from './parameters.ts'

/** Names, hosts and versions: what the database can hold. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => value.isWellFormed() && !value.includes('\u0000'), 'holds U+0000 or a lone surrogate')

const name = text(100)
const json = z.unknown()
const amounts = { most: 10_000 } as const
/** As the database writes them, since they are compared. */
const uuid = z.guid().toLowerCase()

const backoffSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('fixed'), delayMs: z.int() }),
  z.strictObject({
    type: z.literal('exponential'),
    initialMs: z.int(),
    factor: z.number(),
    maxMs: z.int(),
    jitter: z.number(),
  }),
])

const stepDefinitionSchema = z.strictObject({
  name,
  action: name,
  service: name,
  after: z.array(name).max(500),
  timeoutMs: z.int(),
  retry: z.strictObject({ maxRetries: z.int(), backoff: backoffSchema }),
  undo: z.enum(['handler', 'none']),
  onFailure: z.enum(['rollback', 'block', 'skip']),
  when: json.describe('JSON Schema of { input, outputs } for which the step runs; null: always.'),
  output: json.describe('JSON Schema of the output.'),
})

/** A workflow as data, as `defineWorkflow` makes it; what it must be beyond this is checked when it is registered. */
export const workflowDefinitionSchema = named(
  'WorkflowDefinition',
  z.strictObject({
    name,
    version: text(64),
    input: json.describe('JSON Schema of the input.'),
    recordInput: z.boolean(),
    steps: z.array(stepDefinitionSchema).min(1).max(500),
  }),
)

/** Who a worker is, said once when it starts. */
export const workerSchema = named(
  'Worker',
  z.strictObject({
    workerUuid: z
      .guid()
      .describe('Made by the worker for its lifetime; whoever knows it may act as the worker.'),
    service: name,
    implements: z
      .array(z.strictObject({ workflowName: name, workflowVersion: text(64), stepName: name }))
      .max(amounts.most),
    definitions: z.array(workflowDefinitionSchema).max(500),
    leaseMs: z.int().min(100).max(3_600_000).describe('Lost when it has not been heard of for so long.'),
    host: text(255),
    pid: z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
    version: text(255).nullable(),
  }),
)

/** The worker that was heard. */
export const heardWorkerSchema = named('HeardWorker', z.strictObject({ workerUuid: z.guid() }))

/** The longest that one request waits for work, in milliseconds. */
export const longestWaitMs = 30_000

/** How many steps a worker has room for. */
export const claimRequestSchema = named(
  'ClaimRequest',
  z
    .strictObject({
      limit: z.int().min(1).max(1000),
      waitMs: z
        .int()
        .min(0)
        .max(longestWaitMs)
        .optional()
        .describe('Where nothing is due: wait so long until something is. Needs service.'),
      service: name.optional().describe('The service of the worker.'),
    })
    .refine(({ waitMs, service }) => waitMs === undefined || service !== undefined, {
      path: ['service'],
      error: 'is missing: a wait is for the work of a service',
    }),
)

/** One attempt of one operation, claimed by one worker until it reports, releases, or falls silent. */
export const claimSchema = named(
  'Claim',
  z.strictObject({
    executionId: z.guid(),
    workflowName: z.string(),
    workflowVersion: z.string(),
    correlationId: z.string(),
    tenant: z.string(),
    stepId: z.guid(),
    stepName: z.string(),
    operationType: z.enum(operationTypes),
    attempt: z.int(),
    attemptToken: z.guid(),
    timeoutMs: z.int(),
    idempotencyKey: z.string(),
    input: json,
    outputs: z.record(z.string(), json),
    lastError: z.string().nullable(),
    undoing: z
      .union([
        z.strictObject({ outcome: z.literal('completed'), output: json }),
        z.strictObject({ outcome: z.literal('unknown') }),
      ])
      .nullable(),
  }),
)

/** What was claimed, the oldest first; none when nothing is due. */
export const claimsSchema = named('Claims', z.strictObject({ claims: z.array(claimSchema) }))

const heldSchema = z.strictObject({ stepId: uuid, attemptToken: uuid })

/** What a worker still works on. */
export const heartbeatSchema = named(
  'Heartbeat',
  z.strictObject({ held: z.array(heldSchema).max(amounts.most) }),
)

/** Of what a worker holds, what it is to abort, and how long the rest may take. */
export const heartbeatAnswerSchema = named(
  'HeartbeatAnswer',
  z.strictObject({
    lost: z.array(heldSchema).describe('To be aborted.'),
    held: z.array(
      heldSchema.extend({ timeoutMs: z.int().describe('How long it may take, counted from its claim.') }),
    ),
  }),
)

/** Attempts that a worker gives back. */
export const releaseSchema = named(
  'Release',
  z.strictObject({
    released: z
      .array(heldSchema.extend({ hasBegun: z.boolean().describe('Whether its handler was called.') }))
      .max(amounts.most),
  }),
)

const reportedErrorSchema = z.strictObject({
  message: z.string(),
  code: z.string().optional(),
  reason: z.string().optional(),
  fatal: z.literal(true).optional(),
  retryAfterMs: z.number().optional(),
  stack: z.string().optional(),
})

const ofAttempt = {
  stepId: uuid,
  executionId: uuid,
  attempt: z.int().min(1).max(1_000_000),
  attemptToken: uuid,
  workerUuid: uuid,
  executionTimeMs: z.number().min(0),
} as const

/** What came of an attempt. */
export const resultSchema = named(
  'Result',
  z.discriminatedUnion('success', [
    z.strictObject({ ...ofAttempt, success: z.literal(true), output: json }),
    z.strictObject({ ...ofAttempt, success: z.literal(false), error: reportedErrorSchema }),
  ]),
)

/** Results, and how many steps that become due by them are wanted at once. */
export const reportSchema = named(
  'Report',
  z.strictObject({
    results: z.array(resultSchema).min(1).max(1000),
    room: z.int().min(0).max(1000).optional(),
  }),
)

/** What became of results. Those without an outcome are to be reported again. */
export const reportAnswerSchema = named(
  'ReportAnswer',
  z.strictObject({
    outcomes: z.array(
      z.strictObject({
        stepId: uuid,
        attemptToken: uuid,
        outcome: z.enum(['accepted', 'rejected']),
        next: z.array(claimSchema).optional(),
      }),
    ),
  }),
)

const adjusting = { step: name.optional(), reason: text(10_000) } as const

/** An adjustment that a handler asks for, and the attempt that it holds. */
export const adjustmentSchema = named(
  'Adjustment',
  heldSchema.extend({
    executionId: uuid,
    workerUuid: uuid,
    adjustment: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('timeout'), timeoutMs: z.number(), ...adjusting }),
      z.strictObject({ type: z.literal('retry'), maxRetries: z.number(), ...adjusting }),
      z.strictObject({ type: z.literal('skip'), step: name, reason: text(10_000) }),
    ]),
  }),
)

/** The parameters of `GET /api/v1/engine/work`. */
export const waitQuerySchema = z.strictObject({
  service: name.describe('The service whose steps are waited for.'),
  timeout_ms: numberParameter(0, longestWaitMs).describe(`How long to wait: ${longestWaitMs} unless given.`),
})

/** The end of a wait. */
export const waitAnswerSchema = named('WorkAnswer', z.strictObject({ service: z.string() }))
