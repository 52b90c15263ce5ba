import { z } from 'zod'
import { type EventType, operatorColumns, orchestrationColumns, stepColumns } from './event-type.ts'

const text = z.string().min(1)
const whole = z.int().min(0)
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hexadecimal')
const instant = z.iso.datetime({ precision: 3 })
const names = z.array(text)

const orchestration = { entityType: 'ORCHESTRATION', statuses: [null], schemaVersion: 1 } as const
const step = { entityType: 'STEP', statuses: [null], schemaVersion: 1 } as const

const plannedStep = z.looseObject({
  name: text,
  service: text,
  after: names,
  timeoutMs: whole,
  maxRetries: whole,
})

/** What the attempt in question says of itself, on success and on failure. */
const attempt = {
  worker: text,
  retryCount: whole,
  attempt: z.int().min(1),
  attemptStartedAt: instant.optional(),
  workerUuid: z.guid().optional(),
  waitedMs: whole.optional(),
  totalDurationMs: whole,
}

/** The events of executions, recorded by the transition writer and by adapters of other engines only. */
export const orchestrationEventTypes = [
  {
    ...orchestration,
    eventType: 'ORCHESTRATION_STARTED',
    when: 'An execution was created.',
    columns: orchestrationColumns,
    details: z.looseObject({
      definitionHash: text,
      plan: z.array(plannedStep),
      inputDigest: digest.optional(),
      input: z.json().optional(),
    }),
  },
  {
    ...orchestration,
    eventType: 'ORCHESTRATION_COMPLETED',
    when: 'All steps are done.',
    statuses: ['SUCCESS'],
    columns: { ...orchestrationColumns, durationMs: 'always' },
    details: z.looseObject({ outputDigest: digest.optional(), auditDigest: digest.optional() }),
  },
  {
    ...orchestration,
    eventType: 'ORCHESTRATION_FAILED',
    when: 'A step failed for good.',
    statuses: ['FAILED'],
    columns: { ...orchestrationColumns, durationMs: 'always', reason: 'always' },
    details: z.looseObject({ failedStep: text, errorMessage: z.string() }),
  },
  {
    ...orchestration,
    eventType: 'ORCHESTRATION_CANCELLED',
    when: 'An operator or the caller cancelled the execution.',
    columns: { ...orchestrationColumns, ...operatorColumns, durationMs: 'may' },
    details: z.looseObject({ auditDigest: digest.optional() }),
  },
  {
    ...orchestration,
    eventType: 'ORCHESTRATION_BLOCKED',
    when: 'The execution waits for an operator.',
    columns: { ...orchestrationColumns, reason: 'always' },
    details: z.looseObject({ step: text }),
  },
  {
    ...orchestration,
    eventType: 'ORCHESTRATION_PAUSED',
    when: 'An operator paused the execution.',
    columns: { ...orchestrationColumns, ...operatorColumns },
    details: z.looseObject({}),
  },
  {
    ...orchestration,
    eventType: 'ORCHESTRATION_RESUMED',
    when: 'An operator let the execution go on.',
    columns: { ...orchestrationColumns, ...operatorColumns },
    details: z.looseObject({}),
  },
  {
    ...orchestration,
    eventType: 'ORCHESTRATION_SIGNALLED',
    when: 'Somebody sent an execution of another engine a signal or an update, or asked it to cancel itself; and what became of an update.',
    columns: { ...orchestrationColumns, reason: 'may' },
    details: z.looseObject({
      signal: z.enum(['signal', 'update', 'cancel']),
      name: text,
      updateId: text.optional(),
      outcome: z.enum(['accepted', 'rejected', 'completed', 'failed']).optional(),
      errorMessage: z.string().optional(),
      errorCode: z.string().optional(),
      resultDigest: z.string().optional(),
    }),
  },
  {
    ...orchestration,
    eventType: 'ROLLBACK_TRIGGERED',
    when: 'Right after the failure or the cancel that causes the rollback.',
    columns: { ...orchestrationColumns, reason: 'may' },
    details: z.looseObject({ triggerStep: text.nullable() }),
  },
  {
    ...orchestration,
    eventType: 'ROLLBACK_STARTED',
    when: 'The first UNDO is about to be sent.',
    columns: orchestrationColumns,
    details: z.looseObject({ stepsToRollback: names }),
  },
  {
    ...orchestration,
    eventType: 'ROLLBACK_COMPLETED',
    when: 'The last UNDO is done.',
    statuses: ['SUCCESS'],
    columns: { ...orchestrationColumns, durationMs: 'always' },
    details: z.looseObject({
      rolledBackSteps: names,
      skippedSteps: names.optional(),
      auditDigest: digest.optional(),
    }),
  },
  {
    ...orchestration,
    eventType: 'ROLLBACK_FAILED',
    when: 'An UNDO failed for good.',
    statuses: ['FAILED'],
    columns: { ...orchestrationColumns, durationMs: 'always', reason: 'always' },
    details: z.looseObject({
      rolledBackSteps: names,
      skippedSteps: names.optional(),
      leftUndone: names.min(1),
      auditDigest: digest.optional(),
    }),
  },
] as const satisfies readonly EventType[]

/** The events of steps, of DO and UNDO alike, recorded by the transition writer and by adapters only. */
export const stepEventTypes = [
  {
    ...step,
    eventType: 'STEP_STARTED',
    when: 'Before the message goes to the worker, once per operation.',
    columns: stepColumns,
    details: z.looseObject({
      worker: text,
      message: z.literal('Step execution started'),
      inputDigest: digest.optional(),
    }),
  },
  {
    ...step,
    eventType: 'STEP_SUCCESS',
    when: 'The worker acknowledged success.',
    statuses: ['SUCCESS'],
    columns: { ...stepColumns, durationMs: 'always', retryCount: 'always' },
    details: z.looseObject({
      ...attempt,
      durationMs: whole,
      message: z.literal('Step completed successfully'),
      resultDigest: digest,
    }),
  },
  {
    ...step,
    eventType: 'STEP_FAILED',
    when: 'The worker reported failure, an attempt timed out, or a worker was lost; once per attempt.',
    statuses: ['FAILED'],
    columns: { ...stepColumns, durationMs: 'always', retryCount: 'always', reason: 'always' },
    details: z.looseObject({
      ...attempt,
      message: z.literal('Step execution failed'),
      errorMessage: z.string(),
      errorCode: z.string().optional(),
      outcomeUnknown: z.literal(true).optional(),
      resultDigest: digest,
    }),
  },
  {
    ...step,
    eventType: 'STEP_RETRY_TRIGGERED',
    when: 'Each time a retry is scheduled.',
    columns: { ...withoutService(stepColumns), retryCount: 'always' },
    details: z.looseObject({
      retryCount: z.int().min(1),
      maxRetries: whole,
      backoffMs: whole,
      nextAttemptAt: instant,
      message: z.string().regex(/^Retry attempt \d+ of \d+$/),
    }),
  },
  {
    ...step,
    eventType: 'STEP_SKIPPED',
    when: 'Its condition was false, an operator skipped it, or it has no undo.',
    columns: { ...stepColumns, reason: 'always' },
    details: z.looseObject({}),
  },
  {
    ...step,
    eventType: 'STEP_RESULT_REJECTED',
    when: 'A worker that no longer held the step reported a late or repeated result; nothing changed.',
    columns: { ...stepColumns, reason: 'may' },
    details: z.looseObject({
      worker: text,
      workerUuid: z.guid().optional(),
      attempt: z.int().min(1).optional(),
    }),
  },
  {
    ...step,
    eventType: 'STEP_RETRY_REQUESTED',
    when: 'An operator asked for one more attempt, of DO or UNDO.',
    columns: { ...stepColumns, ...operatorColumns },
    details: z.looseObject({ maxRetries: whole }),
  },
  {
    ...step,
    eventType: 'STEP_RESOLVED',
    when: 'An operator completed or resolved it by hand.',
    columns: { ...stepColumns, ...operatorColumns },
    details: z.looseObject({ before: z.json(), after: z.json() }),
  },
  {
    ...step,
    eventType: 'ADAPTIVE_ADJUSTMENT',
    when: 'Its timeout or retries were adjusted, or it was skipped, at run time.',
    columns: { ...stepColumns, reason: 'always' },
    details: z.looseObject({
      adjustmentType: z.enum(['timeout', 'retry', 'skip']),
      stepNumber: z.int().min(1),
      from: z.json(),
      to: z.json(),
    }),
  },
] as const satisfies readonly EventType[]

function withoutService<Columns extends { readonly serviceName: unknown }>(
  columns: Columns,
): Omit<Columns, 'serviceName'> {
  const { serviceName: _, ...others } = columns
  return others
}
