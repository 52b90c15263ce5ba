import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Archive, type Database, parquetArchive, runRetention } from '@steptrail/core'
import type { BenchResult } from '../bench-document.ts'
import { rounded } from '../statistics.ts'

const dayMs = 86_400_000
const keptDays = 90

/**
 * Lets the first whole month of the history go: how long it takes to archive it and read it back, and how long to drop
 * it then. What there is before it goes first, and is not timed.
 */
export async function measureRetention(database: Database): Promise<readonly BenchResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-bench-archive-'))
  try {
    const [begun = 0, whole = 0] = await whenFirstMonthsGo(database)
    await letGoUntil(database, directory, begun)
    return await letGoUntil(database, directory, whole)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function letGoUntil(
  database: Database,
  directory: string,
  now: number,
): Promise<readonly BenchResult[]> {
  const archive = parquetArchive(directory)
  let archivedAt = 0
  const timed: Archive = {
    ...archive,
    finish: async (runId, files) => {
      await archive.finish(runId, files)
      archivedAt = performance.now()
    },
  }
  const began = performance.now()
  const by = { type: 'system', id: 'bench' } as const
  const { months, executionCount } = await runRetention(database, { by, archive: timed, now })
  const ended = performance.now()
  const found = months.reduce((sum, { dropCount }) => sum + dropCount, 0)
  const partitions = months.map(({ partition }) => partition).join(' ')
  return [
    { what: 'archive', name: `${executionCount} executions`, found, p50Ms: rounded(archivedAt - began, 0) },
    { what: 'drop', name: partitions, found, p50Ms: rounded(ended - archivedAt, 0) },
  ]
}

/** The instants at which the month of the oldest event is beyond its time, and at which the month after it is. */
async function whenFirstMonthsGo(database: Database): Promise<readonly number[]> {
  const { rows } = await database.query<{ until: string }>(
    `select date_trunc('month', min("timestamp"), 'UTC') + months * interval '1 month' as until
     from audit_event, generate_series(1, 2) as months
     group by months
     order by months`,
  )
  return rows.map(({ until }) => Date.parse(until) + (keptDays + 1) * dayMs)
}
