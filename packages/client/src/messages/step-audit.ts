import { z } from 'zod'
import { named } from './named.ts'
import { cursorParameter, limitParameter } from './parameters.ts'

/** One result that a worker reported for a step. */
export const stepAuditSchema = named(
  'StepAudit',
  z.strictObject({
    audit_uuid: z.string(),
    workflow_step_uuid: z.string(),
    transition_uuid: z.string(),
    task_uuid: z.string(),
    recorded_at: z.string(),
    worker_uuid: z.string().nullable(),
    correlation_id: z.string().nullable(),
    success: z.boolean(),
    execution_time_ms: z.int().nullable(),
    /** All that was reported. */
    result: z.unknown(),
    step_name: z.string(),
    from_state: z.string().nullable(),
    to_state: z.string(),
  }),
)

/** The results of a page, the newest first; the header `Link` names the next page. */
export const stepAuditListSchema = z.array(stepAuditSchema)

/** Which page of results. */
export const stepAuditQuerySchema = z.strictObject({ limit: limitParameter, cursor: cursorParameter })

/** See `stepAuditSchema`. */
export type StepAuditMessage = z.output<typeof stepAuditSchema>
