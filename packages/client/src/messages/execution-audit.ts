import { executionOutcomes } from '@steptrail/workflow/states'
import { z } from 'zod'
import { named } from './named.ts'
import { cursorParameter, limitParameter, textParameter, wordParameter } from './parameters.ts'

const instant = z.iso
  .datetime({ offset: true, error: 'is no instant in ISO 8601 with its offset' })
  .optional()

/** A change of a step's limits while the execution ran. */
const adjustmentSchema = z.looseObject({
  step_number: z.int(),
  adjustment_type: z.string(),
  reason: z.string().nullish(),
  timestamp: z.string().nullish(),
})

/** How an execution went, in the words of its table. */
export const auditSchema = named(
  'ExecutionAudit',
  z.looseObject({
    id: z.string(),
    remediation_id: z.string(),
    workflow_name: z.string(),
    workflow_version: z.string(),
    total_steps: z.int(),
    steps_completed: z.int(),
    steps_failed: z.int(),
    total_duration_ms: z.number().nullable(),
    outcome: z.enum(executionOutcomes),
    effectiveness_score: z.number().nullable(),
    rollbacks_performed: z.int(),
    step_executions: z.array(z.looseObject({})),
    adaptive_adjustments: z.array(adjustmentSchema),
    completed_at: z.string().nullable(),
    status: z.string().nullable(),
    error_message: z.string().nullable(),
    created_at: z.string(),
    execution_id: z.string().nullable(),
    ended_seq: z.int().nullable(),
    tenant: z.string(),
  }),
)

/** A page of them. */
export const auditListSchema = named(
  'ExecutionAuditList',
  z.strictObject({ audits: z.array(auditSchema), next_cursor: z.string().nullable() }),
)

/** Which of them. */
export const auditListQuerySchema = z.strictObject({
  workflow_name: textParameter(),
  outcome: wordParameter(executionOutcomes),
  remediation_id: textParameter(),
  execution_id: textParameter(),
  tenant: textParameter(),
  since: instant,
  until: instant,
  limit: limitParameter,
  cursor: cursorParameter,
})

/** See `auditSchema`. */
export type ExecutionAudit = z.output<typeof auditSchema>
/** See `auditListSchema`. */
export type ExecutionAuditList = z.output<typeof auditListSchema>
/** See `auditListQuerySchema`. */
export type ExecutionAuditListQuery = z.input<typeof auditListQuerySchema>
