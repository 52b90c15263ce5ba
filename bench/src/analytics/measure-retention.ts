import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Archive, type Database, parquetArchive, runRetention } from '@steptrail/core'
import type { BenchResult } from '../bench-document.ts'
import { rounded } from '../statistics.ts'

const dayMs = 86_400_000
const keptDays = 90

/**
 * Lets the first whole month of the history go, with what there is before it: how long it takes to archive it and read
 * it back, and how long to drop it then.
 */
export async function measureRetention(database: Database): Promise<readonly BenchResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-bench-archive-'))
  try {
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
    const now = await whenFirstMonthGoes(database)
    const { months, executionCount } = await runRetention(database, { by, archive: timed, now })
    const ended = performance.now()
    const rows = months.reduce((sum, { dropCount }) => sum + dropCount, 0)
    return [
      {
        what: 'archive',
        name: `${executionCount} executions`,
        found: rows,
        p50Ms: rounded(archivedAt - began, 0),
      },
      {
        what: 'drop',
        name: months.map(({ partition }) => partition).join(' '),
        found: rows,
        p50Ms: rounded(ended - archivedAt, 0),
      },
    ]
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The instant at which the month after that of the oldest event is beyond its time. */
async function whenFirstMonthGoes(database: Database): Promise<number> {
  const { rows } = await database.query<{ until: string }>(
    `select date_trunc('month', min("timestamp"), 'UTC') + interval '2 months' as until from audit_event`,
  )
  return Date.parse(rows[0]?.until ?? '') + (keptDays + 1) * dayMs
}
