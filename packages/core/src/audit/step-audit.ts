import { isUuid, type OperationType, TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { z } from 'zod'
import { executionNotFound } from '../execution/get-execution.ts'
import type { Reader } from '../trail/compose.ts'
import { eventFilterShape, invalidFilter, parseFilter } from '../trail/event-filter.ts'
import { limitField } from '../trail/list-events.ts'
import { readStepAudit } from './read-step-audit.ts'

/** One result that a worker reported, with who reported it and what. */
export interface StepAudit {
  readonly auditUuid: string
  readonly workflowStepUuid: string
  readonly transitionUuid: string
  /** The execution. */
  readonly taskUuid: string
  /** When the audit row was written; for results older than the audit, when it was introduced. */
  readonly recordedAt: string
  readonly workerUuid: string | null
  readonly correlationId: string | null
  readonly success: boolean
  /** The worker's own measure, whole milliseconds. */
  readonly executionTimeMs: number | null
  /** All that was reported: `{ success, metadata, result | error }`, from the transition. */
  readonly result: Json
  readonly stepName: string
  readonly operationType: OperationType
  /** 1 for the first attempt; null where the transition does not say. */
  readonly attempt: number | null
  readonly fromState: string | null
  readonly toState: string
}

/** One page, the newest first. `nextCursor` is null on the last. */
export interface StepAuditPage {
  readonly items: readonly StepAudit[]
  readonly nextCursor: string | null
}

/** Which page. */
export interface StepAuditPaging {
  /** 1 to 1000; 100 unless given. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

/** Which results: all that match, or all there are. */
export interface StepAuditRequest extends StepAuditPaging {
  readonly workerUuid?: string | undefined
  readonly correlationId?: string | undefined
}

/**
 * The results that workers reported for one step, which is a DO or an UNDO, the newest first.
 *
 * @throws TrailError `step_not_found`; `invalid_filter` for what is no UUID and for a bad limit; `invalid_cursor`
 */
export async function getStepAuditHistory(
  reader: Reader,
  stepUuid: string,
  paging: StepAuditPaging = {},
): Promise<StepAuditPage> {
  const id = parseUuid('stepUuid', stepUuid)
  const page = await readStepAudit(reader, {
    order: 'reported',
    stepUuid: id,
    ...parseFilter(paging, pagingSchema),
  })
  if (page.items.length === 0 && !(await hasRow(reader, selectStep, id)))
    throw new TrailError(
      'step_not_found',
      `there is no step ${id}: \`steptrail executions show\` lists the steps of an execution`,
      { details: { stepUuid: id } },
    )
  return page
}

/**
 * The results that workers reported for all steps of an execution, the newest first.
 *
 * @throws TrailError `execution_not_found`; `invalid_filter` for what is no UUID and for a bad limit;
 *   `invalid_cursor`
 */
export async function getExecutionAuditHistory(
  reader: Reader,
  executionId: string,
  paging: StepAuditPaging = {},
): Promise<StepAuditPage> {
  const id = parseUuid('executionId', executionId)
  const page = await readStepAudit(reader, {
    order: 'reported',
    executionId: id,
    ...parseFilter(paging, pagingSchema),
  })
  if (page.items.length === 0 && !(await hasRow(reader, selectExecution, id))) throw executionNotFound(id)
  return page
}

/**
 * The results that a worker reported, or that belong to a correlation id, across executions; the latest recorded
 * first.
 *
 * @throws TrailError `invalid_filter`, `invalid_cursor`
 */
export async function listStepAudit(reader: Reader, request: StepAuditRequest = {}): Promise<StepAuditPage> {
  return readStepAudit(reader, { order: 'recorded', ...parseFilter(request, requestSchema) })
}

const pagingSchema = z.strictObject({ limit: limitField, cursor: z.string('is not a text').optional() })

const requestSchema = z.strictObject({
  ...pagingSchema.shape,
  workerUuid: z.guid('is not a UUID').toLowerCase().optional(),
  correlationId: eventFilterShape.correlationId,
})

/**
 * Makes sure that a step is one of an execution.
 *
 * @throws TrailError `invalid_filter` for what is no UUID; `step_not_found`, also for a step of another execution
 */
export async function requireStepOf(reader: Reader, executionId: string, stepUuid: string): Promise<void> {
  const [execution, step] = [parseUuid('executionId', executionId), parseUuid('stepUuid', stepUuid)]
  const { rows } = await reader.query<{ execution_id: string }>(selectStep, [step])
  if (rows[0]?.execution_id === execution) return
  throw new TrailError(
    'step_not_found',
    `execution ${execution} has no step ${step}: \`steptrail executions show\` lists the steps of an execution`,
    { details: { executionId: execution, stepUuid: step } },
  )
}

function parseUuid(name: string, value: string): string {
  if (isUuid(value)) return value.toLowerCase()
  throw invalidFilter(name, value, 'is not a UUID')
}

async function hasRow({ query }: Reader, statement: string, id: string): Promise<boolean> {
  const { rows } = await query(statement, [id])
  return rows.length > 0
}

const selectStep = `
select execution_id
from workflow_steps
where workflow_step_uuid = $1`

const selectExecution = `
select 1
from workflow_executions
where execution_id = $1`
