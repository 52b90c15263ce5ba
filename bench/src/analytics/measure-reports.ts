import { type Database, makeReport, type Query, type ReportRequest, reports } from '@steptrail/core'
import type { BenchResult } from '../bench-document.ts'
import { median, rounded } from '../statistics.ts'

const dayMs = 86_400_000

/** Every report over 30 days, each several times: the median and the slowest. */
export async function measureReports(database: Database, rounds: number): Promise<readonly BenchResult[]> {
  const measured: BenchResult[] = []
  for (const { slug } of reports) {
    const request = await requestOf(database, slug)
    const times: number[] = []
    let rows = 0
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now()
      rows = (await makeReport(database, slug, request)).rows.length
      times.push(performance.now() - began)
    }
    measured.push({
      what: 'report',
      name: slug,
      found: rows,
      p50Ms: rounded(median(times)),
      p99Ms: rounded(Math.max(...times)),
    })
  }
  return measured
}

/** The plans of every report, as PostgreSQL explains what it did. */
export async function plansOfReports(database: Database): Promise<string> {
  const texts: string[] = []
  for (const { slug } of reports) {
    const query: Query = async (text, values) => {
      const { rows } = await database.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, buffers, costs off) ${typeof text === 'string' ? text : text.text}`,
        values,
      )
      texts.push(`-- ${slug}`, ...rows.map((row) => row['QUERY PLAN']), '')
      return await database.query(text, values)
    }
    await makeReport({ query }, slug, await requestOf(database, slug))
  }
  return texts.join('\n')
}

async function requestOf(database: Database, slug: string): Promise<ReportRequest> {
  const since = new Date(Date.now() - 30 * dayMs).toISOString()
  // Its second version begins 36 days before the end.
  if (slug === 'versions') {
    const [from, until] = [50, 20].map((days) => new Date(Date.now() - days * dayMs).toISOString())
    return { since: from, until, workflowName: 'tenant-provisioning' }
  }
  if (slug !== 'step-retries') return { since }
  const { rows } = await database.query<{ execution_id: string }>(
    `select execution_id from audit_event where event_type = 'STEP_RETRY_TRIGGERED' order by "timestamp" desc limit 1`,
  )
  return { since, executionId: rows[0]?.execution_id ?? '' }
}
