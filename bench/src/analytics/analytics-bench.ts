import { type Database, migrate, openDatabase } from '@steptrail/core'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { createMigrated, startServer } from '../server.ts'
import { rounded } from '../statistics.ts'
import { fillHistory, type HistorySize } from './fill-history.ts'
import { filtersOf, measureFilter } from './measure-pages.ts'
import { measureReports, plansOfReports } from './measure-reports.ts'
import { measureRetention } from './measure-retention.ts'

/** How much the bench measures. */
export interface AnalyticsBenchOptions extends HistorySize {
  readonly rounds: number
  /** Times that each page is read. */
  readonly pages: number
  /**
   * The URL of a database of a server that runs: it is filled when it is empty, and kept. A server of the bench's own,
   * and a database that goes with it, unless given.
   */
  readonly url?: string | undefined
  /** Told of the plans of the reports; they are not made unless given. */
  readonly onPlans?: ((plans: string) => void) | undefined
}

/** A third of what the tables of the history take, and their indexes: months that are looked at stay in memory. */
const sharedBuffers = '2GB'
const reportTargetMs = 1_000
const pageTargetMs = 50
const dropTargetMs = 1_000

/**
 * Reports over 30 days, pages of the list of events by every filter, and the drop of an archived month, on a history of
 * 90 days.
 */
export async function analyticsBench(options: AnalyticsBenchOptions): Promise<BenchFindings> {
  if (options.url !== undefined) return await measured(options.url, options)
  await using server = await startServer(sharedBuffers)
  return await measured(await createMigrated(server, 'analytics'), options)
}

async function measured(url: string, options: AnalyticsBenchOptions): Promise<BenchFindings> {
  await using database = await openDatabase({ url })
  const filled = await fillOnce(database, options)
  const { rows } = await database.query<{ events: number; audits: number }>(
    'select (select count(*) from audit_event) as events, (select count(*) from workflow_execution_audit) as audits',
  )
  const sizes = Object.entries(rows[0] ?? {}).map(([name, found]): BenchResult => ({
    what: 'rows',
    name,
    found,
  }))
  if (options.onPlans) options.onPlans(await plansOfReports(database))
  const reports = await measureReports(database, options.rounds)
  const pages: BenchResult[] = []
  for (const filter of await filtersOf(database))
    pages.push(await measureFilter(database, filter, options.pages))
  const retention = await measureRetention(database)
  return {
    results: [filled, ...sizes, ...reports, ...pages, ...retention],
    ratios: {
      'analytics/target@slowest-report': slowest(reports, 'p50Ms') / reportTargetMs,
      'analytics/target@slowest-page': slowest(pages, 'p99Ms') / pageTargetMs,
      'analytics/first@page100': slowest(pages, 'page100ByFirst'),
      'analytics/target@drop':
        slowest(
          retention.filter(({ what }) => what === 'drop'),
          'p50Ms',
        ) / dropTargetMs,
    },
  }
}

/** Fills a database that has no history, and brings one that has to the schema of this source. */
async function fillOnce(database: Database, size: HistorySize): Promise<BenchResult> {
  const began = performance.now()
  await migrate(database)
  const { rows } = await database.query('select from workflow_execution_audit limit 1')
  if (rows.length === 0) await fillHistory(database, size)
  return { what: 'fill', name: 'seconds', found: rounded((performance.now() - began) / 1000) }
}

const slowest = (results: readonly BenchResult[], figure: string): number =>
  Math.max(0.001, ...results.map((result) => Number(result[figure] ?? 0)))
