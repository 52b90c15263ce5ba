import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Archive, type Database, parquetArchive, runRetention } from '@steptrail/core'
import type { BenchResult } from '../bench-document.ts'
import { rounded } from '../statistics.ts'

const dayMs = 86_400_000
const keptDays = 90

/**
 * Lets the first whole month of the history go: how long it takes to archive it and read it back; to let go of it and of
 * what else there is of its executions, which is one transaction; and to drop its partitions, until the files are freed.
 * What there is before it goes first, and is not timed.
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
  const times = { began: performance.now(), archived: 0, gone: 0, dropped: 0 }
  const archive = parquetArchive(directory)
  const timed: Archive = {
    ...archive,
    finish: async (runId, files) => {
      await archive.finish(runId, files)
      times.archived = performance.now()
    },
  }
  const { months, executionCount } = await runRetention(watched(database, times), {
    by: { type: 'system', id: 'bench' },
    archive: timed,
    now,
  })
  const found = months.reduce((sum, { dropCount }) => sum + dropCount, 0)
  const executions = `${executionCount} executions`
  const partitions = months.map(({ partition }) => partition).join(' ')
  const { began, archived, gone, dropped } = times
  return [
    { what: 'archive', name: executions, found, p50Ms: rounded(archived - began, 0) },
    { what: 'let go', name: executions, found, p50Ms: rounded(gone - archived, 0) },
    { what: 'drop', name: partitions, found, p50Ms: rounded(dropped - gone, 0) },
  ]
}

/** The same database, which notes when the transaction is over that lets go, and when the files are freed. */
function watched(database: Database, times: { gone: number; dropped: number }): Database {
  const transaction: Database['transaction'] = async (work, options) => {
    let [letsGo, frees] = [false, false]
    const result = await database.transaction(
      (tx) =>
        work(async (statement, values) => {
          letsGo ||= typeof statement === 'string' && statement.includes('retention_forget')
          frees ||= typeof statement === 'string' && statement.includes('retention_free')
          return await tx(statement, values)
        }),
      options,
    )
    if (letsGo) times.gone = performance.now()
    if (frees) times.dropped = performance.now()
    return result
  }
  const { kind, schema, name, dataDir, pool, query, copy } = database
  return {
    kind,
    schema,
    name,
    dataDir,
    pool,
    query,
    copy,
    transaction,
    close: () => database.close(),
    [Symbol.asyncDispose]: () => database.close(),
  }
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
