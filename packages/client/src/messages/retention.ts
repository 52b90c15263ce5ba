import { entityTypes } from '@steptrail/event'
import { z } from 'zod'
import { actorSchema } from './execution.ts'
import { named } from './named.ts'

const name = z.string().min(1).optional()
const reason = z.string().min(1).describe('It stays on record.')

/** For how long what matches is kept. */
export const retentionPolicySchema = named(
  'RetentionPolicy',
  z.strictObject({
    match: z.strictObject({
      workflow: name,
      tenant: name,
      entityType: z.enum(entityTypes).optional(),
      eventType: name,
    }),
    keepDays: z.int().min(1).max(36_500),
  }),
)

/** A policy to be set, and why. */
export const newRetentionPolicySchema = named(
  'NewRetentionPolicy',
  z.strictObject({ ...retentionPolicySchema.shape, reason }),
)

/** Every policy. */
export const retentionPolicyListSchema = named(
  'RetentionPolicyList',
  z.strictObject({ policies: z.array(retentionPolicySchema) }),
)

/** What a run would let go of now. */
export const retentionPlanSchema = named(
  'RetentionPlan',
  z.strictObject({
    at: z.string(),
    executionCount: z.int(),
    months: z.array(
      z.strictObject({
        table: z.string(),
        /** As in `2026-08`. */
        month: z.string(),
        partition: z.string(),
        rowCount: z.int(),
        dropCount: z.int(),
        keepCount: z.int(),
      }),
    ),
  }),
)

/** The last runs of retention, the latest first. */
export const retentionRunListSchema = named(
  'RetentionRunList',
  z.strictObject({
    runs: z.array(
      z.strictObject({
        runId: z.string(),
        status: z.enum(['running', 'done', 'failed']),
        by: actorSchema,
        startedAt: z.string(),
        endedAt: z.string().nullable(),
        result: z.unknown(),
        error: z.string().nullable(),
      }),
    ),
  }),
)

const holdMatchSchema = z.strictObject({
  executionId: name,
  correlationId: name,
  workflow: name,
  actor: name,
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  tenant: name,
})

/** What a hold to be placed keeps, and why. */
export const newHoldSchema = named('NewHold', z.strictObject({ match: holdMatchSchema, reason }))

/** The hold that a request was about. */
export const holdIdSchema = named('HoldId', z.strictObject({ holdId: z.string() }))

/** Every hold, the last one first; those that were released among them. */
export const holdListSchema = named(
  'HoldList',
  z.strictObject({
    holds: z.array(
      z.strictObject({
        holdId: z.string(),
        match: holdMatchSchema,
        reason: z.string(),
        placedBy: actorSchema,
        placedAt: z.string(),
        released: z.strictObject({ by: actorSchema, reason: z.string(), at: z.string() }).nullable(),
      }),
    ),
  }),
)

/** Why a hold is released. */
export const holdReleaseSchema = named('HoldRelease', z.strictObject({ reason }))

/** See `retentionPolicySchema`. */
export type RetentionPolicy = z.output<typeof retentionPolicySchema>
/** See `newRetentionPolicySchema`. */
export type NewRetentionPolicy = z.input<typeof newRetentionPolicySchema>
/** See `retentionPlanSchema`. */
export type RetentionPlan = z.output<typeof retentionPlanSchema>
/** See `retentionRunListSchema`. */
export type RetentionRun = z.output<typeof retentionRunListSchema>['runs'][number]
/** See `newHoldSchema`. */
export type NewHold = z.input<typeof newHoldSchema>
/** See `holdListSchema`. */
export type Hold = z.output<typeof holdListSchema>['holds'][number]
