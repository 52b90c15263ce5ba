import { eventLimits } from '@steptrail/event'
import { z } from 'zod'
import { anyObject } from './any-object.ts'
import { named } from './named.ts'
import { numberParameter } from './parameters.ts'
import { remediationParameter, signalContextParameters, signalContextShape } from './signal-context.ts'

/** The parameters of a step that lists. */
export const discoveryListQuerySchema = z.strictObject({
  remediationId: remediationParameter,
  ...signalContextParameters,
  offset: numberParameter(0, 1_000_000).describe('Items to skip.'),
  limit: numberParameter(1, 100).describe('Items on a page: 10 unless given.'),
})

/** The parameters of step 3. */
export const discoveryGetQuerySchema = z.strictObject({
  remediationId: remediationParameter,
  ...signalContextParameters,
})

/** The id of a workflow in a path. What is none is answered as what is not there. */
export const workflowIdParameter = z.string().min(1).max(eventLimits.nameLength)

const pagination = named(
  'Pagination',
  z.strictObject({ offset: z.int(), limit: z.int(), totalCount: z.int(), hasMore: z.boolean() }),
)
const note = z
  .string()
  .nullable()
  .describe('Why nothing is offered, where the caller can do something about it.')

/** The answer of step 1. */
export const offeredActionsSchema = named(
  'OfferedActions',
  z.strictObject({
    remediationId: z.string(),
    actionTypes: z.array(
      z.strictObject({
        actionType: z.string(),
        what: z.string(),
        whenToUse: z.string(),
        whenNotToUse: z.string(),
        preconditions: z.string(),
        workflowCount: z.int(),
      }),
    ),
    pagination,
    note,
  }),
)

const offered = {
  workflowId: z.string(),
  workflowName: z.string(),
  version: z.string(),
  title: z.string(),
  description: z.string(),
} as const

/** The answer of step 2, the one that fits best first. */
export const offeredWorkflowsSchema = named(
  'OfferedWorkflows',
  z.strictObject({
    remediationId: z.string(),
    actionType: z.string(),
    workflows: z.array(z.strictObject(offered)),
    pagination,
    note,
  }),
)

/** The answer of step 3. */
export const offeredWorkflowSchema = named(
  'OfferedWorkflow',
  z.strictObject({
    remediationId: z.string(),
    actionType: z.string(),
    ...offered,
    parameters: z.record(z.string(), z.unknown()).describe('JSON Schema of the parameters.'),
  }),
)

/** What step 4 is given. */
export const selectionToValidateSchema = named(
  'SelectionToValidate',
  z.strictObject({
    remediationId: remediationParameter,
    ...signalContextShape,
    parameters: anyObject('Values by name.'),
  }),
)

/** The answer of step 4. */
export const validatedSelectionSchema = named(
  'ValidatedSelection',
  z.strictObject({
    remediationId: z.string(),
    workflowId: z.string(),
    workflowName: z.string(),
    actionType: z.string(),
    version: z.string(),
    validationResult: z.enum(['valid', 'invalid']),
    parameterValidation: z.strictObject({
      totalParameters: z.int(),
      requiredProvided: z.int(),
      optionalProvided: z.int(),
      validationErrors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
    }),
  }),
)

/** See `offeredActionsSchema`. */
export type OfferedActions = z.output<typeof offeredActionsSchema>
/** See `offeredWorkflowsSchema`. */
export type OfferedWorkflows = z.output<typeof offeredWorkflowsSchema>
/** See `offeredWorkflowSchema`. */
export type OfferedWorkflow = z.output<typeof offeredWorkflowSchema>
/** See `selectionToValidateSchema`. */
export type SelectionToValidate = z.input<typeof selectionToValidateSchema>
/** See `validatedSelectionSchema`. */
export type ValidatedSelection = z.output<typeof validatedSelectionSchema>
