import { instantText, TrailError } from '@steptrail/event'
import { z } from 'zod'
import { effectivenessOf, defaultEffectiveness } from './effectiveness.ts'
import type { ExecutionAudit } from './execution-audit.ts'
import { workflowLimits } from './limits.ts'
import { executionOutcomes } from './states.ts'

/**
 * How an execution of another engine went, as it is posted. Empty texts, null arrays, durations of zero and the year 1
 * stand for what is not known, as some clients cannot leave a field out.
 */
export type ExecutionAuditInput = z.input<typeof auditSchema>

/** An audit that was posted, checked and complete but for what only its store knows. */
export interface PostedAudit extends Omit<ExecutionAudit, 'remediationId'> {
  /** Null where none was given: the store gives one. */
  readonly id: string | null
  /** Null where none was given: its id then stands for it. */
  readonly remediationId: string | null
}

/**
 * Checks an audit that was posted. Durations are milliseconds (`duration_ms`, `total_duration_ms`) or nanoseconds
 * (`duration`, `total_duration`). A score that is not given is calculated.
 *
 * @throws TrailError `invalid_audit` naming the field, its value and what is wrong with it
 */
export function parseExecutionAudit(value: unknown): PostedAudit {
  const { data, error } = auditSchema.safeParse(value)
  if (!data) throw invalidAudit(error.issues[0], value)
  const stepExecutions = (data.step_executions ?? []).map((step) => ({
    stepNumber: step.step_number,
    action: step.action,
    durationMs: millisecondsOf(step.duration_ms, step.duration),
    status: step.status,
    retriesAttempted: step.retries_attempted,
    errorMessage: step.error_message ?? null,
  }))
  const retries = stepExecutions.reduce((sum, step) => sum + step.retriesAttempted, 0)
  return {
    id: data.id?.toLowerCase() ?? null,
    remediationId: data.remediation_id ?? null,
    workflowName: data.workflow_name,
    workflowVersion: data.workflow_version,
    totalSteps: data.total_steps,
    stepsCompleted: data.steps_completed,
    stepsFailed: data.steps_failed,
    totalDurationMs: millisecondsOf(data.total_duration_ms, data.total_duration) || null,
    outcome: data.outcome,
    effectivenessScore:
      data.effectiveness_score ??
      effectivenessOf({
        totalSteps: data.total_steps,
        stepsCompleted: data.steps_completed,
        retries,
        rollbacks: data.rollbacks_performed,
      }),
    rollbacksPerformed: data.rollbacks_performed,
    stepExecutions,
    adaptiveAdjustments: (data.adaptive_adjustments ?? []).map((adjustment) => ({
      stepNumber: adjustment.step_number,
      adjustmentType: adjustment.adjustment_type,
      reason: adjustment.reason,
      timestamp: adjustment.timestamp ?? null,
    })),
    completedAt: data.completed_at ?? null,
    status: data.status ?? null,
    errorMessage: data.error_message ?? null,
    executionId: data.execution_id ?? null,
    endedSeq: null,
    supersedesSeq: null,
    scoreParameters: data.effectiveness_score === undefined ? defaultEffectiveness : null,
  }
}

const nanosecondsInAMillisecond = 1_000_000

const millisecondsOf = (milliseconds: number | undefined, nanoseconds: number | undefined): number =>
  milliseconds ?? Math.round((nanoseconds ?? 0) / nanosecondsInAMillisecond)

const nameLength = 255
const textLength = 10_000

/** Storable: neither U+0000 nor a lone surrogate. */
const text = (max: number) =>
  z
    .string('is not a text')
    .max(max, `is longer than ${max} characters`)
    .refine(
      (value) => value.isWellFormed() && !value.includes('\u0000'),
      'holds U+0000 or a lone surrogate, which cannot be stored',
    )
const given = (max: number) => text(max).min(1, 'is empty')
const maybe = (max: number) =>
  text(max)
    .nullish()
    .transform((value) => value || undefined)
const whole = (max: number) =>
  z.int('is not a whole number').min(0, 'is negative').max(max, `is more than ${max}`)
const count = whole(2 ** 31 - 1)

/** A hundred years: an interval keeps its microseconds up to there. */
const longestMs = 36_525 * 86_400_000
const milliseconds = whole(longestMs).optional()
/** Beyond 2^53 a number has lost some of its nanoseconds, and still has its milliseconds. */
const nanoseconds = z
  .number('is not a number')
  .refine((value) => Number.isInteger(value), 'is not a whole number')
  .min(0, 'is negative')
  .max(longestMs * nanosecondsInAMillisecond, 'is more than a hundred years')
  .optional()

const notAnInstant = 'is no instant in ISO 8601 with its offset'

/** The year 1 is how a client says that it knows no time. */
const instant = z.iso
  .datetime({ offset: true, error: notAnInstant })
  .nullish()
  .transform((value) => (!value || value.startsWith('0001-') ? undefined : value))
  .pipe(
    instantText(notAnInstant)
      .transform((value) => new Date(value).toISOString())
      .optional(),
  )

const oneDuration = (
  context: z.core.$RefinementCtx,
  [milliseconds_, nanoseconds_]: readonly [string, string],
  value: Readonly<Record<string, unknown>>,
): void => {
  if (value[milliseconds_] === undefined || value[nanoseconds_] === undefined) return
  const message = `is given as well as ${milliseconds_}: give one of them`
  context.addIssue({ code: 'custom', path: [nanoseconds_], message })
}

const stepSchema = z
  .strictObject({
    step_number: whole(1_000_000),
    action: given(nameLength),
    duration_ms: milliseconds,
    duration: nanoseconds,
    status: given(50),
    retries_attempted: count.default(0),
    error_message: maybe(textLength),
  })
  .superRefine((step, context) => oneDuration(context, ['duration_ms', 'duration'], step))

const adjustmentSchema = z.strictObject({
  step_number: whole(1_000_000),
  adjustment_type: given(nameLength),
  reason: text(textLength),
  timestamp: instant,
})

const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item, 'is not an array')
    .max(2 * workflowLimits.steps, `has more than ${2 * workflowLimits.steps} elements`)
    .nullish()

const auditSchema = z
  .strictObject({
    id: z.preprocess((value) => value || undefined, z.guid('is not a UUID').optional()),
    remediation_id: maybe(nameLength),
    workflow_name: given(nameLength),
    workflow_version: given(workflowLimits.versionLength),
    total_steps: count,
    steps_completed: count.default(0),
    steps_failed: count.default(0),
    total_duration_ms: milliseconds,
    total_duration: nanoseconds,
    outcome: z.enum(executionOutcomes, `is none of ${executionOutcomes.join(', ')}`),
    effectiveness_score: z
      .number('is not a number')
      .min(0, 'is less than 0')
      .max(1, 'is more than 1')
      .optional(),
    rollbacks_performed: count.default(0),
    step_executions: list(stepSchema),
    adaptive_adjustments: list(adjustmentSchema),
    completed_at: instant,
    status: maybe(50),
    error_message: maybe(textLength),
    execution_id: maybe(nameLength),
  })
  .superRefine((audit, context) => {
    oneDuration(context, ['total_duration_ms', 'total_duration'], audit)
    for (const name of ['steps_completed', 'steps_failed'] as const)
      if (audit[name] > audit.total_steps)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `is more than total_steps (${audit.total_steps})`,
        })
    if (audit.steps_completed + audit.steps_failed > audit.total_steps)
      context.addIssue({
        code: 'custom',
        path: ['steps_failed'],
        message: `and steps_completed are together more than total_steps (${audit.total_steps})`,
      })
  })

function invalidAudit(issue: z.core.$ZodIssue | undefined, value: unknown): TrailError {
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = [...(issue?.path ?? []), ...keys]
  const field = path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : name === '' ? String(part) : `${name}.${String(part)}`,
    '',
  )
  const found = path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
    value,
  )
  const problem =
    keys.length > 0 ? 'is not a field of an execution audit' : (issue?.message ?? 'is malformed')
  const what = field === '' ? 'the execution audit' : `${field} (${shown(found)})`
  return new TrailError(
    'invalid_audit',
    `${what} ${field === '' ? 'is not an object' : problem}: nothing was stored`,
    {
      details: { path: field, value: found },
    },
  )
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  const json = JSON.stringify(value) ?? typeof value
  return json.length > 80 ? `${json.slice(0, 80)}…` : json
}
