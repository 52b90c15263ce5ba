import { execFile } from 'node:child_process'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createMigratedDatabase, releaseAfterTest, startProgram } from '@steptrail/testkit'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { remains, writeAged } from '../../test/aged-trail.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import type { ArchivedFile } from './archive/archive.ts'
import { parquetArchive } from './archive/parquet-archive.ts'
import { listRetentionRuns } from './retention-runs.ts'
import { runRetention } from './run-retention.ts'

const program = new URL('../../test/retention-program.ts', import.meta.url)
const executions = 20
const whole = [3, 3, 1, 3, 1]
const gone = [0, 0, 0, 0, 0]

describe('retention in a process of its own', { timeout: 60_000 }, () => {
  let url = ''
  let directory = ''
  let database: Database
  let ids: readonly string[] = []

  beforeEach(async () => {
    url = await createMigratedDatabase()
    directory = await mkdtemp(join(tmpdir(), 'steptrail-archive-'))
    releaseAfterTest(() => rm(directory, { recursive: true, force: true }))
    database = await openDatabase({ url })
    releaseAfterTest(() => database.close())
    const events = [2, 3, 4].map((day) => new Date(Date.UTC(2020, 3, day)).toISOString())
    ids = await writeAged(
      database,
      Array.from({ length: executions }, () => ({ workflow: 'w', live: 'ended', events })),
    )
  })

  const start = (then: 'stay' | 'go') => startProgram(program, { args: [url, directory, then] })
  const runHere = () =>
    runRetention(database, {
      by: { type: 'system', id: 'retention' },
      archive: parquetArchive(directory),
      now: Date.UTC(2026, 9, 15),
    })
  const expectAll = async (left: readonly number[]): Promise<void> => {
    expect(await remains(database, ids)).toEqual(ids.map(() => left))
    const { rows } = await database.query(
      `select to_regclass('audit_event_2020_04_kept') as copy, to_regclass('audit_event_2020_04_gone') as gone`,
    )
    expect(rows).toEqual([{ copy: null, gone: null }])
  }
  const files = async (): Promise<readonly string[]> => {
    const found: string[] = []
    for await (const path of glob('**/*.*', { cwd: directory })) found.push(path)
    return found.toSorted()
  }

  /** The server may take a moment to see that a process is gone, and its lock with it. */
  const untilUnlocked = (): Promise<void> =>
    vi.waitFor(
      async () => {
        const { rows } = await database.query(
          `select from pg_locks
          where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
        )
        expect(rows).toEqual([])
      },
      { timeout: 30_000, interval: 20 },
    )

  /** Runs it to its end; then all is gone, and in the archive once. */
  async function finish(): Promise<void> {
    await untilUnlocked()
    expect(await runHere()).toMatchObject({ executionCount: executions })
    await expectAll(gone)
    const [manifest = '', ...others] = (await files()).filter((path) => path.startsWith('manifests'))
    expect(others).toEqual([])
    const archived = (
      JSON.parse(await readFile(join(directory, manifest), 'utf8')) as {
        readonly files: readonly ArchivedFile[]
      }
    ).files
    expect(archived.map(({ table, rowCount }) => [table, rowCount])).toEqual([
      ['audit_event', 3 * executions],
      ['workflow_execution_audit', executions],
      ['workflow_step_transitions', 3 * executions],
      ['workflow_step_result_audit', 3 * executions],
    ])
    expect(await files()).toEqual([manifest, ...archived.map(({ path }) => path)].toSorted())
    const { rows } = await database.query(
      'select count(*) as audits, count(distinct id) as once from workflow_execution_audit_archive',
    )
    expect(rows).toEqual([{ audits: executions, once: executions }])
  }

  it('that is killed between archive and drop has let go of nothing, and is made up for by the next', async () => {
    const killed = start('stay')
    await killed.line('archived')
    await expect(runHere()).rejects.toMatchObject({ code: 'retention_running' })
    await killed.kill()
    expect(await remains(database, ids)).toEqual(ids.map(() => whole))
    expect((await files()).length).toBeGreaterThan(4)
    await finish()
    expect(await listRetentionRuns(database)).toMatchObject([
      { status: 'done' },
      { status: 'failed', error: 'it was interrupted' },
    ])
  })

  it('that is killed while it lets go has let go of nothing, and is made up for by the next', async () => {
    await database.transaction(async (tx) => {
      await tx('lock table workflow_step_transitions in access share mode')
      const killed = start('go')
      await killed.line('archived')
      // It has deleted the working data in its transaction by then, and some months have changed places.
      await vi.waitFor(
        async () => {
          const { rows } = await database.query(
            `select from pg_locks where not granted and relation = 'workflow_step_transitions'::regclass`,
          )
          expect(rows).toHaveLength(1)
        },
        { timeout: 30_000, interval: 20 },
      )
      await killed.kill()
    })
    expect(await remains(database, ids)).toEqual(ids.map(() => whole))
    await finish()
  })

  it('whose disk is full lets go of nothing, leaves nothing there, and says so', async () => {
    // No file may be larger than four blocks: the system refuses the next byte, as it does on a disk that is full.
    const limited = 'ulimit -f 4 && exec "$0" "$@"'
    const args = ['--conditions=steptrail:source', fileURLToPath(program), url, directory]
    const { stdout } = await promisify(execFile)('sh', ['-c', limited, process.execPath, ...args])
    expect(stdout).toMatch(/^refused the archive in .* cannot be written \(EFBIG: file too large/)
    await expectAll(whole)
    expect(await files()).toEqual([])
    expect(await listRetentionRuns(database)).toMatchObject([
      { status: 'failed', error: expect.stringContaining('EFBIG') as string },
    ])
    await finish()
  })
})
