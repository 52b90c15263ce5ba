import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { openTestDatabase, simulateHistory, writeHistory } from '@steptrail/testkit'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Database } from '../../database/database.ts'
import { runRetention } from '../run-retention.ts'
import type { ArchivedFile } from './archive.ts'
import { parquetArchive } from './parquet-archive.ts'
import { type ArchivedRow, RowDigest } from './row-digest.ts'

interface DuckColumn {
  readonly column_name: string
  readonly column_type: string
}

const fromMs = Date.UTC(2026, 2, 1)
const untilMs = Date.UTC(2026, 4, 1)
const by = { type: 'system', id: 'retention' } as const

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'steptrail-archive-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const columns = [
  { name: 'id', select: '', kind: 'text' },
  { name: 'count', select: '', kind: 'integer' },
  { name: 'share', select: '', kind: 'float' },
  { name: 'is_so', select: '', kind: 'boolean' },
  { name: 'at', select: '', kind: 'instant' },
] as const

async function* rowsOf(count: number) {
  for (let index = 0; index < count; index += 1)
    yield index % 7 === 0
      ? { id: `é ${index}`, count: null, share: null, is_so: null, at: null }
      : {
          id: randomBytes(12).toString('hex'),
          count: String(9_007_199_254_740_993n + BigInt(index)),
          share: index / 3,
          is_so: index % 2 === 0,
          at: String(1_780_000_000_123_456n + BigInt(index)),
        }
}

describe('a Parquet archive', () => {
  it('reads back as it was written, over several row groups, to the last digit', async () => {
    const path = await directory()
    const request = { runId: 'run', table: 'things', month: '2026-03', columns }
    const file = await parquetArchive(path).store({ ...request, rows: rowsOf(45_000) })
    expect(file).toMatchObject({ path: 'things/2026-03/run.parquet', rowCount: 45_000 })
    expect(await readdir(join(path, 'things/2026-03'))).toEqual(['run.parquet'])
  })

  it('is nothing where there is no room or the rows fail, and forgets what a run left', async () => {
    const path = await directory()
    const archive = parquetArchive(path)
    const request = { runId: 'run', table: 'things', month: null, columns }
    async function* failing() {
      yield* rowsOf(10)
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read', errno: -104 })
    }
    await expect(archive.store({ ...request, rows: failing() })).rejects.toMatchObject({ code: 'ECONNRESET' })
    await archive.store({ ...request, runId: 'other', rows: rowsOf(3) })
    await archive.discard('run')
    expect(await readdir(path, { recursive: true })).toEqual([
      'things',
      'things/all',
      'things/all/other.parquet',
    ])
    await writeFile(join(path, 'full'), '')
    await expect(
      parquetArchive(join(path, 'full')).store({ ...request, rows: rowsOf(3) }),
    ).rejects.toMatchObject({
      code: 'archive_unwritable',
      message: expect.stringMatching(/full cannot be written \(ENOTDIR: .*nothing was let go of/) as string,
    })
  })
})

describe('what retention has archived', () => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase('postgres')
    await writeHistory(database, simulateHistory({ seed: 9, executions: 120, fromMs, untilMs }))
  })

  it('reads back in DuckDB with equal counts and digests', async () => {
    const path = await directory()
    const { rows: before } = await database.query<{ count: number; total: number }>(
      `select count(*)::int as count, sum(duration_ms)::int as total from audit_event`,
    )
    const { months, files, runId } = await runRetention(database, {
      by,
      archive: parquetArchive(path),
      now: Date.UTC(2026, 9, 1),
    })
    expect(months.length).toBeGreaterThanOrEqual(4)
    const manifest = JSON.parse(await readFile(join(path, 'manifests', `${runId}.json`), 'utf8')) as {
      readonly files: readonly ArchivedFile[]
    }
    expect(manifest.files).toEqual(files)

    const duck = await (await DuckDBInstance.create(':memory:')).connect()
    const ask = async <Row extends object>(statement: string) =>
      (await duck.runAndReadAll(statement)).getRowObjectsJS() as unknown as readonly Row[]
    const events = `read_parquet('${path}/audit_event/*/*.parquet')`
    const [all] = await ask<object>(
      `select count(*)::int as count, sum(duration_ms)::int as total from ${events}`,
    )
    expect(all).toEqual(before[0])
    for (const { path: name, rowCount, digest, table } of files) {
      const described = await ask<DuckColumn>(`describe select * from '${join(path, name)}'`)
      const names = described.map((column) => column.column_name)
      const selected = described.map(({ column_name, column_type }) =>
        column_type.startsWith('TIMESTAMP')
          ? `epoch_us("${column_name}") as "${column_name}"`
          : `"${column_name}"`,
      )
      const computed = new RowDigest(names)
      const key = table === 'workflow_step_transitions' ? 'workflow_step_transition_uuid' : 'id'
      for (const row of await ask<ArchivedRow>(
        `select ${selected.join(', ')} from '${join(path, name)}' order by ${key}`,
      ))
        computed.add(row)
      expect(computed.finish(), name).toEqual({ rowCount, digest })
    }
    const { rows: archived } = await database.query<{ digest: string }>(
      `select details ->> 'digest' as digest from audit_event where event_type = 'TRAIL_PARTITION_ARCHIVED'`,
    )
    expect(archived.map(({ digest }) => digest).toSorted()).toEqual(
      files.map(({ digest }) => digest).toSorted(),
    )
  })
})
