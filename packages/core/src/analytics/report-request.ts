import { instantText, operationTypes, type OperationType, withinInstants } from '@steptrail/event'
import { z } from 'zod'
import type { Reader } from '../trail/compose.ts'
import { eventFilterShape, executionIdText, invalidFilter, parseFilter } from '../trail/event-filter.ts'

/** What a report is asked about. Filters that are given must all hold. */
export interface ReportRequest {
  /** From this instant, ISO 8601; the report's own window before `until` unless given. */
  readonly since?: string | undefined
  /** Before this instant; now unless given. */
  readonly until?: string | undefined
  readonly workflowName?: string | undefined
  readonly tenant?: string | undefined
  /** Only DO, or only UNDO; both, apart, unless given. */
  readonly operation?: OperationType | undefined
  /** The execution, for `step-retries`. */
  readonly executionId?: string | undefined
  /** The two versions, for `versions`; the last two that ended in the window unless given. */
  readonly fromVersion?: string | undefined
  readonly toVersion?: string | undefined
  /** The length of a period, for `failure-rate`: `day` unless given. */
  readonly period?: ReportPeriod | undefined
  /** At most so many rows, 1 to 1000. */
  readonly limit?: number | undefined
}

/** How time is divided, in UTC. */
export const reportPeriods = ['hour', 'day', 'week', 'month'] as const
export type ReportPeriod = (typeof reportPeriods)[number]

/** A request that is complete. */
export interface ReportScope extends ReportRequest {
  readonly since: string
  readonly until: string
  readonly period: ReportPeriod
  readonly limit: number
}

/** The filters that some reports take and others refuse. */
export const specialFilters = ['operation', 'executionId', 'fromVersion', 'toVersion', 'period'] as const
export type SpecialFilter = (typeof specialFilters)[number]

/** What a report says of its requests. */
export interface ReportDefaults {
  readonly slug: string
  readonly windowDays: number
  readonly limit: number
  readonly takes: readonly SpecialFilter[]
  readonly requires: readonly (keyof ReportRequest)[]
}

const dayMs = 86_400_000
const instant = instantText('is no instant in ISO 8601').optional()

const requestSchema = z.strictObject({
  since: instant,
  until: instant,
  workflowName: eventFilterShape.workflowName,
  tenant: eventFilterShape.tenant,
  operation: z.enum(operationTypes, { error: `is none of ${operationTypes.join(', ')}` }).optional(),
  executionId: eventFilterShape.executionId.transform((id) => id && executionIdText(id)),
  fromVersion: eventFilterShape.workflowName,
  toVersion: eventFilterShape.workflowName,
  period: z.enum(reportPeriods, { error: `is none of ${reportPeriods.join(', ')}` }).default('day'),
  limit: z
    .int('is not a whole number from 1 to 1000')
    .min(1, 'is less than 1')
    .max(1000, 'is more than 1000')
    .optional(),
})

/**
 * The request with what it leaves open: the window ends now, by the database's clock, and is as long as the report
 * says.
 *
 * @throws TrailError `invalid_filter` naming what cannot be used, is not the report's, or is missing
 */
export async function scopeOf(
  reader: Reader,
  request: ReportRequest,
  { slug, windowDays, limit, takes, requires }: ReportDefaults,
): Promise<ReportScope> {
  const parsed = parseFilter(request, requestSchema)
  for (const name of specialFilters)
    if (request[name] !== undefined && !takes.includes(name))
      throw invalidFilter(name, request[name], `is none that ${slug} takes`)
  for (const name of requires)
    if (request[name] === undefined) throw invalidFilter(name, null, `is missing: ${slug} needs it`)
  const until = parsed.until === undefined ? await databaseNow(reader) : isoUtc(parsed.until)
  const since =
    parsed.since === undefined
      ? new Date(withinInstants(Date.parse(until) - windowDays * dayMs)).toISOString()
      : isoUtc(parsed.since)
  if (since >= until) throw invalidFilter('since', since, `is not before until (${until})`)
  return { ...parsed, since, until, limit: parsed.limit ?? limit }
}

const isoUtc = (text: string): string => new Date(text).toISOString()

/** Rounded up, so that what has been recorded in this millisecond belongs to the window. */
async function databaseNow({ query }: Reader): Promise<string> {
  const { rows } = await query<{ now: string }>(
    `select date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond' as now`,
  )
  return rows[0]?.now ?? new Date().toISOString()
}
