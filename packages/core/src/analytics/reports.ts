import { TrailError } from '@steptrail/event'
import type { Reader } from '../trail/compose.ts'
import type { PageReader } from '../trail/fetch-page.ts'
import { adjustments } from './adjustments.ts'
import { decliningWorkflows } from './declining-workflows.ts'
import { effectiveWorkflows } from './effective-workflows.ts'
import { failingSelections } from './failing-selections.ts'
import { failingWorkflows } from './failing-workflows.ts'
import { failureRate } from './failure-rate.ts'
import { neverChosenWorkflows } from './never-chosen-workflows.ts'
import { retryPatterns } from './retry-patterns.ts'
import { retrySuccess } from './retry-success.ts'
import { selectedWorkflows } from './selected-workflows.ts'
import { slowSteps } from './slow-steps.ts'
import { stepDurations } from './step-durations.ts'
import { stepRetries } from './step-retries.ts'
import { underperformingWorkflows } from './underperforming-workflows.ts'
import { versions } from './versions.ts'
import { waiting } from './waiting.ts'
import type { Report, ReportColumn, ReportRow } from './report.ts'
import { type ReportRequest, type ReportScope, scopeOf } from './report-request.ts'

/** Every report: the same list, by the same names, in the library, over HTTP, on the command line and in the UI. */
export const reports = [
  effectiveWorkflows,
  failingWorkflows,
  slowSteps,
  stepDurations,
  stepRetries,
  retryPatterns,
  retrySuccess,
  adjustments,
  failureRate,
  waiting,
  versions,
  selectedWorkflows,
  neverChosenWorkflows,
  failingSelections,
  underperformingWorkflows,
  decliningWorkflows,
] as const satisfies readonly Report[]

/** A report that was made. */
export interface MadeReport {
  readonly report: string
  readonly about: string
  /** What it was made about; `until` is not part of it. */
  readonly window: { readonly since: string; readonly until: string }
  readonly columns: readonly ReportColumn[]
  readonly rows: readonly ReportRow[]
}

/**
 * Makes a report.
 *
 * @throws TrailError `unknown_report` naming those there are; `invalid_filter` naming the filter that cannot be used,
 *   is not the report's, or is missing
 */
export async function makeReport(
  reader: PageReader,
  slug: string,
  request: ReportRequest = {},
): Promise<MadeReport> {
  const report = findReport(slug)
  const scope: ReportScope = await scopeOf(reader, request, report)
  const rows = await withRoom(reader, (own) => report.read(own, scope))
  const { about, columns } = report
  return { report: slug, about, window: { since: scope.since, until: scope.until }, columns, rows }
}

/**
 * Counts a month's attempts in memory, where the server's default would sort them on disk, and in one process: shared
 * among three, a month of audits took two to seven times the processor time, which writers need.
 */
async function withRoom<Rows>(reader: PageReader, read: (own: Reader) => Promise<Rows>): Promise<Rows> {
  if (!reader.transaction) return await read(reader)
  return await reader.transaction(
    async (tx) => {
      await tx(`select set_config('work_mem', '32MB', true), set_config('hash_mem_multiplier', '4', true),
          set_config('max_parallel_workers_per_gather', '0', true)`)
      return await read({ query: tx })
    },
    { readOnly: true },
  )
}

function findReport(slug: string): Report {
  const found: Report | undefined = reports.find((report) => report.slug === slug)
  if (found) return found
  throw new TrailError(
    'unknown_report',
    `there is no report ${JSON.stringify(slug)}: there are ${reports.map((report) => report.slug).join(', ')}`,
    { details: { report: slug } },
  )
}
