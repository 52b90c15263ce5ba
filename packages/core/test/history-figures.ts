import type { HistoryExecution, SimulatedHistory } from '@steptrail/testkit'
import type { ReportRow, StoredExecutionAudit } from '@steptrail/core'

type Event = HistoryExecution['events'][number]

/** The part of a history that a report is about, read without SQL. */
export interface HistoryPart {
  /** Of each execution its last end, where that lies in the window. */
  readonly audits: readonly StoredExecutionAudit[]
  readonly events: readonly Event[]
  readonly selections: readonly Event[]
}

/** Which part. */
export interface PartOptions {
  readonly since: string
  readonly until: string
  readonly workflowName?: string
  readonly tenant?: string
}

/** Picks the part of a history. */
export function partOf(history: SimulatedHistory, options: PartOptions): HistoryPart {
  const { since, until, workflowName, tenant } = options
  const isIn = (at: string): boolean => at >= since && at < until
  const isOf = (one: { readonly tenant?: string }): boolean => tenant === undefined || one.tenant === tenant
  const runs = (one: { readonly workflowName?: string | null }): boolean =>
    workflowName === undefined || one.workflowName === workflowName
  return {
    audits: history.executions
      .flatMap(({ audits }) => audits.slice(-1))
      .filter((audit) => isIn(audit.createdAt) && isOf(audit) && runs(audit)),
    events: history.executions
      .flatMap(({ events }) => events)
      .filter((event) => isIn(event.timestamp) && isOf(event) && runs(event)),
    selections: history.selections.filter((event) => isIn(event.timestamp) && isOf(event)),
  }
}

const grouped = <Item>(items: readonly Item[], keyOf: (item: Item) => string) => [
  ...Map.groupBy(items, keyOf).values(),
]
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** As PostgreSQL's `percentile_cont` interpolates. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  return below + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] ?? below) - below)
}

const distribution = (values: readonly number[]) => ({
  avg_duration_ms: mean(values),
  min_duration_ms: Math.min(...values),
  p50_duration_ms: percentile(values, 0.5),
  p95_duration_ms: percentile(values, 0.95),
  max_duration_ms: Math.max(...values),
})

const number = (value: unknown): number => Number(value)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** One step of one execution. */
interface StepFact {
  readonly workflow: string
  readonly action: string
  readonly operation: 'DO' | 'UNDO'
  readonly durationMs: number
  readonly retries: number
  readonly hasFailed: boolean
}

function stepFacts({ audits, events }: HistoryPart): readonly StepFact[] {
  const forward = audits.flatMap((audit) =>
    audit.stepExecutions.map((step) => ({
      workflow: audit.workflowName,
      action: step.action,
      operation: 'DO' as const,
      durationMs: step.durationMs,
      retries: step.retriesAttempted,
      hasFailed: step.status === 'failed',
    })),
  )
  const backward = events
    .filter((event) => event.operationType === 'UNDO')
    .filter(
      ({ eventType, severity }) =>
        eventType === 'STEP_SUCCESS' || (eventType === 'STEP_FAILED' && severity === 'error'),
    )
    .map((event) => ({
      workflow: textOf(event.workflowName),
      action: textOf(event.stepName),
      operation: 'UNDO' as const,
      durationMs: number(event.details?.['totalDurationMs']),
      retries: event.retryCount ?? 0,
      hasFailed: event.eventType === 'STEP_FAILED',
    }))
  return [...forward, ...backward]
}

const keyOfStep = (event: Event): string => `${event.workflowName} ${event.stepName} ${event.operationType}`
const namesOfStep = ([event]: readonly Event[]) => ({
  workflow_name: event?.workflowName ?? null,
  step_name: event?.stepName ?? null,
  operation_type: event?.operationType ?? null,
})

const masked = (message: string): string =>
  message
    .split(' ')
    .map((word) =>
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(word) || /^(0x[0-9a-f]+|[0-9a-f]{12,})$/.test(word)
        ? '<id>'
        : word.replaceAll(/\d+/g, '<n>'),
    )
    .join(' ')

/** What each report has to tell of a part of a history, in any order. */
export const figures: Readonly<Record<string, (part: HistoryPart) => readonly ReportRow[]>> = {
  'effective-workflows': ({ audits }) =>
    grouped(
      audits.filter(({ outcome }) => outcome === 'success'),
      ({ workflowName }) => workflowName,
    ).map((all) => ({
      workflow_name: all[0]?.workflowName ?? null,
      execution_count: all.length,
      avg_effectiveness: mean(all.map(({ effectivenessScore }) => number(effectivenessScore))),
      avg_steps: mean(all.map(({ totalSteps }) => totalSteps)),
      avg_duration_seconds: mean(all.map(({ totalDurationMs }) => number(totalDurationMs) / 1_000)),
    })),
  'failing-workflows': ({ audits }) =>
    grouped(
      audits.filter(({ outcome }) => outcome === 'failed'),
      ({ workflowName }) => workflowName,
    ).map((all) => ({
      workflow_name: all[0]?.workflowName ?? null,
      failure_count: all.length,
      avg_failed_steps: mean(all.map(({ stepsFailed }) => stepsFailed)),
      error_patterns: grouped(
        all.map(({ errorMessage }) => masked(errorMessage ?? '')),
        (pattern) => pattern,
      )
        .map((same) => ({ pattern: same[0] ?? '', count: same.length }))
        .toSorted((a, b) => b.count - a.count || (a.pattern < b.pattern ? -1 : 1))
        .slice(0, 10),
    })),
  'slow-steps': (part) =>
    grouped(stepFacts(part), ({ workflow, action, operation }) => `${workflow} ${action} ${operation}`).map(
      (all) => ({
        workflow_name: all[0]?.workflow ?? null,
        action_type: all[0]?.action ?? null,
        operation_type: all[0]?.operation ?? null,
        execution_count: all.length,
        ...distribution(all.map(({ durationMs }) => durationMs)),
      }),
    ),
  'step-durations': ({ events }) =>
    grouped(
      events.filter(({ eventType }) => eventType === 'STEP_SUCCESS'),
      keyOfStep,
    ).map((all) => ({
      ...namesOfStep(all),
      execution_count: all.length,
      ...distribution(all.map(({ durationMs }) => number(durationMs))),
    })),
  'retry-patterns': (part) =>
    grouped(
      stepFacts(part).filter(({ retries }) => retries > 0),
      ({ action, operation }) => `${action} ${operation}`,
    ).map((all) => ({
      action_type: all[0]?.action ?? null,
      operation_type: all[0]?.operation ?? null,
      avg_retries: mean(all.map(({ retries }) => retries)),
      total_executions: all.length,
      failures: all.filter(({ hasFailed }) => hasFailed).length,
    })),
  'retry-success': ({ events }) =>
    grouped(
      events.filter((event) => isRetry(event) || isLateSuccess(event)),
      keyOfStep,
    ).map((all) => {
      const total = all.filter(isRetry).length
      const successes = all.filter(isLateSuccess).length
      return {
        ...namesOfStep(all),
        total_retries: total,
        successful_after_retry: successes,
        retry_success_rate_pct: total === 0 ? null : Math.round((successes / total) * 10_000) / 100,
      }
    }),
  adjustments: ({ audits }) =>
    grouped(
      audits.flatMap(({ adaptiveAdjustments }) => adaptiveAdjustments),
      ({ adjustmentType, reason }) => `${adjustmentType} ${reason}`,
    ).map((all) => ({
      adjustment_type: all[0]?.adjustmentType ?? null,
      reason: all[0]?.reason ?? null,
      frequency: all.length,
    })),
  'failure-rate': ({ audits }) =>
    grouped(audits, ({ createdAt }) => createdAt.slice(0, 10)).map((all) => ({
      period_start: `${all[0]?.createdAt.slice(0, 10)}T00:00:00.000Z`,
      execution_count: all.length,
      failure_count: all.filter(({ outcome }) => outcome === 'failed').length,
      partial_count: all.filter(({ outcome }) => outcome === 'partial').length,
      failure_rate: mean(all.map(({ outcome }) => (outcome === 'failed' ? 1 : 0))),
    })),
  waiting: ({ events }) =>
    grouped(
      events.filter(({ eventType }) => eventType === 'STEP_SUCCESS' || eventType === 'STEP_FAILED'),
      keyOfStep,
    ).map((all) => {
      const waited = all.map(({ details }) => number(details?.['waitedMs']))
      const worked = all.map(({ durationMs }) => number(durationMs))
      return {
        ...namesOfStep(all),
        attempt_count: all.length,
        avg_waited_ms: mean(waited),
        p95_waited_ms: percentile(waited, 0.95),
        avg_worked_ms: mean(worked),
        waiting_share: mean(waited) / (mean(waited) + mean(worked)),
      }
    }),
  'selected-workflows': ({ selections, audits }) => {
    const failures = new Set(
      audits
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ workflowName, remediationId }) => `${workflowName} ${remediationId}`),
    )
    const facts = selections.flatMap(({ eventType, details, correlationId }) => {
      const payload = details?.['payload'] as Readonly<Record<string, unknown>>
      if (eventType.endsWith('workflows_listed'))
        return (payload['workflows'] as readonly { readonly workflowName: string }[]).map(
          ({ workflowName }) => ({ workflowName, correlationId, kind: 'offered' }),
        )
      const workflowName = textOf(payload['workflowName'])
      if (payload['validationResult'] !== 'valid') return [{ workflowName, correlationId, kind: 'refused' }]
      const hasFailed = failures.has(`${workflowName} ${correlationId}`)
      const chosen = { workflowName, correlationId, kind: 'chosen' }
      return hasFailed ? [chosen, { ...chosen, kind: 'failed' }] : [chosen]
    })
    return grouped(facts, ({ workflowName }) => workflowName).map((all) => {
      const selectionsWith = (wanted: string) =>
        new Set(all.filter(({ kind }) => kind === wanted).map(({ correlationId }) => correlationId))
      const [offered, chosen] = [selectionsWith('offered'), selectionsWith('chosen')]
      return {
        workflow_name: all[0]?.workflowName ?? null,
        offered_count: offered.size,
        chosen_count: chosen.size,
        refused_count: selectionsWith('refused').size,
        failed_count: selectionsWith('failed').size,
        chosen_share:
          offered.size === 0 ? null : [...offered].filter((id) => chosen.has(id)).length / offered.size,
      }
    })
  },
}

const isRetry = ({ eventType }: Event): boolean => eventType === 'STEP_RETRY_TRIGGERED'
const isLateSuccess = ({ eventType, retryCount }: Event): boolean =>
  eventType === 'STEP_SUCCESS' && (retryCount ?? 0) > 0

/** Success rates of the two halves of a window, for `declining-workflows`. */
export function declines(part: HistoryPart, middle: string): readonly ReportRow[] {
  return grouped(part.audits, ({ workflowName }) => workflowName).flatMap((all) => {
    const rate = (some: readonly StoredExecutionAudit[]): number =>
      mean(some.map(({ outcome }) => (outcome === 'success' ? 1 : 0)))
    const early = all.filter(({ createdAt }) => createdAt < middle)
    const late = all.filter(({ createdAt }) => createdAt >= middle)
    const change = rate(late) - rate(early)
    if (!(change < 0)) return []
    return [
      {
        workflow_name: all[0]?.workflowName ?? null,
        executions_before: early.length,
        executions_after: late.length,
        success_rate_before: rate(early),
        success_rate_after: rate(late),
        change,
      },
    ]
  })
}
