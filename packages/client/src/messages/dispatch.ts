import { operationTypes } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { z } from 'zod'
import { named } from './named.ts'

const text = (max = 255) => z.string().min(1).max(max)
/** Any JSON: the body it is in was parsed as such. */
const json = z.unknown().refine((value) => value !== undefined, 'is missing') as unknown as z.ZodType<
  Json,
  Json
>
const milliseconds = z.int().min(0)

const implementation = z.strictObject({ workflowName: text(), workflowVersion: text(), stepName: text() })

const backoff = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('fixed'), delayMs: milliseconds }),
  z.strictObject({
    type: z.literal('exponential'),
    initialMs: milliseconds,
    factor: z.number(),
    maxMs: milliseconds,
    jitter: z.number(),
  }),
])

/** A workflow as plain data. */
export const workflowDefinitionSchema = named(
  'WorkflowDefinition',
  z.strictObject({
    name: text(),
    version: text(),
    input: json.describe('JSON Schema of the input.'),
    recordInput: z.boolean(),
    steps: z.array(
      z.strictObject({
        name: text(),
        action: text(),
        service: text(),
        after: z.array(text()),
        timeoutMs: milliseconds,
        retry: z.strictObject({ maxRetries: z.int().min(0), backoff }),
        undo: z.enum(['handler', 'none']),
        onFailure: z.enum(['rollback', 'block', 'skip']),
        when: json.describe('JSON Schema of { input, outputs } for which it runs; null: always.'),
        output: json.describe('JSON Schema of the output.'),
      }),
    ),
  }),
)

/** Who a worker is. */
export const registrationSchema = named(
  'WorkerRegistration',
  z.strictObject({
    workerUuid: z.guid().toLowerCase(),
    service: text(),
    implements: z.array(implementation).max(10_000),
    definitions: z.array(workflowDefinitionSchema).max(1_000),
    leaseMs: z
      .int()
      .min(100)
      .max(86_400_000)
      .describe('It counts as lost when it is not heard of for so long.'),
    host: text(),
    pid: z.int().min(0),
    version: text().nullable(),
  }),
)

/** One attempt of one operation, that a worker holds. */
export const claimSchema = named(
  'Claim',
  z.strictObject({
    executionId: z.string(),
    workflowName: z.string(),
    workflowVersion: z.string(),
    correlationId: z.string(),
    tenant: z.string(),
    stepId: z.string(),
    stepName: z.string(),
    operationType: z.enum(operationTypes),
    attempt: z.int(),
    attemptToken: z.string(),
    timeoutMs: z.int(),
    idempotencyKey: z.string(),
    input: z.unknown(),
    outputs: z.record(z.string(), z.unknown()),
    lastError: z.string().nullable(),
    undoing: z
      .discriminatedUnion('outcome', [
        z.strictObject({ outcome: z.literal('completed'), output: z.unknown() }),
        z.strictObject({ outcome: z.literal('unknown') }),
      ])
      .nullable(),
  }),
)

/** What a worker asks for. */
export const claimRequestSchema = z.strictObject({
  limit: z.int().min(1).max(1_000),
  waitMs: z
    .int()
    .min(0)
    .max(30_000)
    .optional()
    .describe('Wait so long for work where there is none; needs service.'),
  service: text().optional(),
})

/** What it was given; none when there was nothing to do. */
export const claimsSchema = z.strictObject({ claims: z.array(claimSchema) })

const attempt = { stepId: z.guid().toLowerCase(), attemptToken: z.guid().toLowerCase() } as const

/** Attempts, by step and token. */
export const heldSchema = z.strictObject({ held: z.array(z.strictObject(attempt)).max(10_000) })

/** Those that are to be aborted. */
export const abortedSchema = z.strictObject({ aborted: z.array(z.strictObject(attempt)) })

/** Attempts that are given back. */
export const releaseSchema = z.strictObject({
  released: z.array(z.strictObject({ ...attempt, hasBegun: z.boolean() })).max(10_000),
})

const reportedError = z.strictObject({
  message: z.string().max(2_000),
  code: z.string().max(100).optional(),
  reason: z.string().max(2_000).optional(),
  fatal: z.literal(true).optional(),
  retryAfterMs: milliseconds.optional(),
  stack: z.string().max(8_000).optional(),
})

const result = {
  ...attempt,
  executionId: z.guid().toLowerCase(),
  attempt: z.int().min(1),
  workerUuid: z.guid().toLowerCase(),
  executionTimeMs: milliseconds,
} as const

/** What came of attempts, and how many steps the worker would take at once of those that become due by it. */
export const reportSchema = named(
  'Report',
  z.strictObject({
    results: z
      .array(
        z.discriminatedUnion('success', [
          z.strictObject({ ...result, success: z.literal(true), output: json }),
          z.strictObject({ ...result, success: z.literal(false), error: reportedError }),
        ]),
      )
      .max(1_000),
    room: z.int().min(0).max(1_000).optional(),
  }),
)

/** What became of results; those that are missing are to be reported again. */
export const outcomesSchema = z.strictObject({
  outcomes: z.array(
    z.strictObject({
      stepId: z.string(),
      attemptToken: z.string(),
      outcome: z.enum(['accepted', 'rejected']),
      next: z.array(claimSchema).optional(),
    }),
  ),
})

const adjusted = { reason: z.string().min(1).max(10_000) } as const

/** An adjustment that a handler asks for. */
export const adjustSchema = z.strictObject({
  ...attempt,
  executionId: z.guid().toLowerCase(),
  adjustment: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('timeout'), timeoutMs: z.int(), step: text().optional(), ...adjusted }),
    z.strictObject({ type: z.literal('retry'), maxRetries: z.int(), step: text().optional(), ...adjusted }),
    z.strictObject({ type: z.literal('skip'), step: text(), ...adjusted }),
  ]),
})

/** How long to wait for work. */
export const waitQuerySchema = z.strictObject({
  service: z.string().min(1).max(255),
  timeout_ms: z
    .string()
    .regex(/^\d{1,5}$/, 'is not a whole number of milliseconds up to 30000')
    .transform(Number)
    .pipe(z.int().max(30_000, 'is more than 30000'))
    .meta({ type: 'integer', minimum: 0, maximum: 30_000 }),
})

/** That it was done. */
export const doneSchema = z.strictObject({})
