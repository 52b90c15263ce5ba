import { eventLimits, operationTypes } from '@steptrail/event'
import { z } from 'zod'
import { actorSchema } from './execution.ts'
import { named } from './named.ts'

const by = {
  reason: z.string().min(1).max(eventLimits.textLength).describe('Why; it stays on record.'),
  actor: actorSchema
    .optional()
    .describe('Who orders it. With authentication it is the principal, and this is kept beside it.'),
  approvedBy: actorSchema.optional().describe('The second person who agreed.'),
} as const

/** An order to an execution as a whole. */
export const executionActionSchema = named(
  'ExecutionAction',
  z.discriminatedUnion('action', [
    z.strictObject({ action: z.literal('pause'), ...by }),
    z.strictObject({ action: z.literal('resume'), ...by }),
    z.strictObject({ action: z.literal('cancel'), rollback: z.boolean().optional(), ...by }),
    z.strictObject({ action: z.literal('retry-rollback'), ...by }),
  ]),
)

const ofStep = {
  operation: z.enum(operationTypes).optional().describe('UNDO when the step has one, else DO, unless given.'),
  ...by,
} as const

/** An order to one step. */
export const stepActionSchema = named(
  'StepAction',
  z.discriminatedUnion('action', [
    z.strictObject({ action: z.literal('retry'), ...ofStep }),
    z.strictObject({ action: z.literal('skip'), ...ofStep }),
    z.strictObject({ action: z.literal('resolve'), output: z.unknown().optional(), ...ofStep }),
    z
      .strictObject({
        action: z.literal('adjust'),
        timeoutMs: z.int().min(1).optional(),
        maxRetries: z.int().min(0).optional(),
        ...ofStep,
      })
      .refine(
        ({ timeoutMs, maxRetries }) => (timeoutMs === undefined) !== (maxRetries === undefined),
        'needs one of timeoutMs and maxRetries',
      ),
  ]),
)

/** See `executionActionSchema`. */
export type ExecutionAction = z.input<typeof executionActionSchema>
/** See `stepActionSchema`. */
export type StepAction = z.input<typeof stepActionSchema>
