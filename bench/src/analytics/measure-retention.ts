import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Archive, type Database, parquetArchive, runRetention } from '@steptrail/core'
import type { BenchResult } from '../bench-document.ts'
import { rounded } from '../statistics.ts'

/**
 * Lets the first whole month of the history go: how long it takes to archive it and read it back, and how long to drop
 * it then.
 */
export async function measureRetention(database: Database, now: number): Promise<readonly BenchResult[]> {
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
