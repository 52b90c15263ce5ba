import { catalogStatuses } from '@steptrail/workflow'
import { z } from 'zod'
import { actorSchema } from './execution.ts'
import { byName } from './by-name.ts'
import { named } from './named.ts'
import { cursorParameter, limitParameter, textParameter, wordParameter } from './parameters.ts'

const text = z.string().nullable()
const values = z.array(z.string())
const reason = z.string().min(1).max(10_000).describe('Why; it stays on record.')
const actor = actorSchema
  .optional()
  .describe(
    'Who does it, where the server asks nobody who they are. With authentication it is the principal.',
  )

/** An action type with the number of its workflows that are active. */
export const actionTypeSchema = named(
  'ActionType',
  z.strictObject({
    actionType: z.string(),
    what: z.string(),
    whenToUse: z.string(),
    whenNotToUse: z.string(),
    preconditions: z.string(),
    status: z.enum(['active', 'disabled']),
  }),
)

/** Every action type, by name. */
export const actionTypeListSchema = named(
  'ActionTypeList',
  z.strictObject({ actionTypes: z.array(actionTypeSchema.extend({ activeWorkflows: z.int() })) }),
)

const summary = {
  workflowId: z.guid(),
  workflowName: z.string(),
  version: z.string(),
  actionType: z.string(),
  actionTypeIsActive: z.boolean(),
  title: z.string(),
  description: z.string(),
  labels: z.strictObject({ severity: values, component: values, environment: values, priority: values }),
  customLabels: z.record(z.string(), values),
  detectedLabels: z.record(z.string(), z.boolean()),
  owner: text,
  maintainer: text,
  status: z.enum(catalogStatuses),
  disabledReason: text,
  previousVersion: text,
  versionNotes: text,
  approvedBy: text,
  approvedAt: text,
  expectedSuccessRate: z.number().nullable(),
  contentHash: z.string(),
  registeredAt: z.string(),
  statusChangedAt: z.string(),
  /** Counted from the audits of executions. */
  successMetrics: z.strictObject({
    expectedSuccessRate: z.number().nullable(),
    actualSuccessRate: z.number().nullable(),
    totalExecutions: z.int(),
    successfulExecutions: z.int(),
  }),
} as const

/** A workflow of the catalogue at a glance. */
export const catalogSummarySchema = named('CatalogSummary', z.strictObject(summary))

/** A workflow of the catalogue, whole. */
export const catalogEntrySchema = named(
  'CatalogEntry',
  z.strictObject({
    ...summary,
    parameters: z.record(z.string(), z.unknown()),
    definition: z.unknown(),
    action: actionTypeSchema,
    versions: z.array(
      z.strictObject({
        workflowId: z.guid(),
        version: z.string(),
        status: z.enum(catalogStatuses),
        disabledReason: text,
        registeredAt: z.string(),
        versionNotes: text,
      }),
    ),
  }),
)

/** The parameters of `GET /api/v1/catalog/workflows`. */
export const catalogListQuerySchema = z.strictObject({
  action_type: textParameter(),
  status: wordParameter(catalogStatuses),
  workflow_name: textParameter(),
  limit: limitParameter,
  cursor: cursorParameter,
})

/** One page of the catalogue, by name. */
export const catalogListSchema = named(
  'CatalogList',
  z.strictObject({ workflows: z.array(catalogSummarySchema), next_cursor: text }),
)

/** What is to be in the catalogue; the server says what is wrong with it, naming the field. */
export const registrationSchema = named(
  'Registration',
  z.strictObject({
    actionTypes: z.array(z.unknown()).optional().describe('As in the guide on the catalogue.'),
    workflows: z.array(z.unknown()).optional().describe('As in the guide on the catalogue.'),
    reason: reason.optional(),
    actor,
  }),
)

/** What became of it. */
export const registeredSchema = named(
  'Registered',
  z.strictObject({
    actionTypes: z.array(
      z.strictObject({ actionType: z.string(), outcome: z.enum(['registered', 'changed', 'unchanged']) }),
    ),
    workflows: z.array(
      z.strictObject({
        workflowId: z.guid(),
        workflowName: z.string(),
        version: z.string(),
        contentHash: z.string(),
        outcome: z.enum(['registered', 'unchanged']),
        superseded: z.array(z.string()).describe('Versions that are offered no more.'),
      }),
    ),
  }),
)

/** An order to a workflow of the catalogue. */
export const catalogActionSchema = named(
  'CatalogAction',
  z.strictObject({ action: z.enum(['enable', 'disable', 'deprecate']), reason, actor }),
)

/** The workflow after the order. */
export const catalogStatusSchema = named(
  'CatalogStatus',
  z.strictObject({
    workflowId: z.guid(),
    workflowName: z.string(),
    version: z.string(),
    status: z.enum(catalogStatuses),
    disabledReason: text,
    superseded: z.array(z.string()),
  }),
)

const weight = z.number().min(0).max(1)
const shownWeight = { type: 'number', minimum: 0, maximum: 1 } as const
const weights = z.strictObject({
  base: z.strictObject({
    floor: weight,
    severity: weight,
    component: weight,
    environment: weight,
    priority: weight,
  }),
  boosts: byName(weight, shownWeight),
  penalties: byName(weight, shownWeight),
})

/** What labels weigh, and under which version events name it. */
export const weightsSchema = named('ScoreWeights', z.strictObject({ version: z.int(), weights }))

/** Weights to be set. */
export const newWeightsSchema = named('NewScoreWeights', z.strictObject({ weights, reason, actor }))

/** See `catalogSummarySchema`. */
export type CatalogSummary = z.output<typeof catalogSummarySchema>
/** See `catalogEntrySchema`. */
export type CatalogEntry = z.output<typeof catalogEntrySchema>
/** A page of the catalogue. */
export type CatalogList = z.output<typeof catalogListSchema>
/** What a list of the catalogue is asked for. */
export type CatalogListQuery = z.input<typeof catalogListQuerySchema>
/** Action types. */
export type ActionTypeList = z.output<typeof actionTypeListSchema>
/** What became of a registration. */
export type Registered = z.output<typeof registeredSchema>
/** An order to a workflow of the catalogue. */
export type CatalogAction = z.input<typeof catalogActionSchema>
/** A workflow after an order. */
export type CatalogStatus = z.output<typeof catalogStatusSchema>
/** What labels weigh. */
export type ScoreWeights = z.output<typeof weightsSchema>
/** Weights to be set. */
export type NewScoreWeights = z.input<typeof newWeightsSchema>
