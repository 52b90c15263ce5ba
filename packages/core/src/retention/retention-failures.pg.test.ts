import { access, glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createMigratedDatabase,
  faultyDatabase,
  openTestDatabase,
  releaseAfterTest,
} from '@steptrail/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type AgedExecution, remains, writeAged } from '../../test/aged-trail.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { recordIn } from '../trail/record-in.ts'
import type { Archive, ArchivedFile } from './archive/archive.ts'
import { parquetArchive } from './archive/parquet-archive.ts'
import { listRetentionRuns } from './retention-runs.ts'
import { runRetention } from './run-retention.ts'

const by = { type: 'system', id: 'retention' } as const
const now = Date.UTC(2026, 9, 15)
const whole = [3, 3, 1, 3, 1]
const gone = [0, 0, 0, 0, 0]

const oldAt = (month: number): AgedExecution => ({
  workflow: 'w',
  live: 'ended',
  events: [2, 3, 4].map((day) => new Date(Date.UTC(2020, month, day)).toISOString()),
})

async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-archive-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Rows of the archive's events whose files are there, by the manifests. */
async function archivedEvents(directory: string): Promise<number> {
  let count = 0
  for await (const path of glob('manifests/*.json', { cwd: directory })) {
    const { files } = JSON.parse(await readFile(join(directory, path), 'utf8')) as {
      readonly files: readonly ArchivedFile[]
    }
    for (const file of files) {
      await access(join(directory, file.path))
      if (file.table === 'audit_event') count += file.rowCount
    }
  }
  return count
}

describe.each(['commit', 'reply'] as const)(
  'retention whose transactions fail at %s, one after another',
  (at) => {
    it('lets go of nothing, or of what is in the archive, and says which', async () => {
      const directory = await scratchDirectory()
      const archive = parquetArchive(directory)
      const sound = await openTestDatabase('postgres')
      const database = faultyDatabase(sound)
      let [id = ''] = await writeAged(sound, [oldAt(0)])
      let goneTimes = 0
      for (let after = 0; ; after += 1) {
        database.fail({ at }, after)
        const outcome = await runRetention(database, { by, archive, now }).catch((error: unknown) => error)
        if (!database.hasFailed) {
          expect(outcome).toMatchObject({ executionCount: 1 })
          break
        }
        const [left] = await remains(sound, [id])
        const [run] = await listRetentionRuns(sound, 1)
        expect([whole, gone], `after ${after} transactions`).toContainEqual(left)
        if (left?.[0] === 3) {
          expect(run?.status).not.toBe('done')
          continue
        }
        goneTimes += 1
        expect(run).toMatchObject({ status: 'done', result: { executionCount: 1 } })
        expect(await archivedEvents(directory)).toBe(3 * goneTimes)
        id = (await writeAged(sound, [oldAt(goneTimes)]))[0] ?? ''
      }
      expect(await remains(sound, [id])).toEqual([gone])
      expect(await archivedEvents(directory)).toBe(3 * (goneTimes + 1))
      if (at === 'reply') expect(goneTimes).toBeGreaterThanOrEqual(1)
    })
  },
)

it('takes longer than a database lets transactions be idle, and lets no other run begin meanwhile', async () => {
  const url = await createMigratedDatabase()
  const superuser = await opened(url)
  await superuser.query(
    `alter database ${new URL(url).pathname.slice(1)} set idle_in_transaction_session_timeout = '1s'`,
  )
  const [database, other] = [await opened(url), await opened(url)]
  await writeAged(database, [oldAt(0)])
  const whileIdle = async (): Promise<void> => {
    await superuser.query('select pg_sleep(2)')
    await expect(runRetention(other, { by, archive: null, now })).rejects.toMatchObject({
      code: 'retention_running',
    })
  }
  const archive: Archive = {
    ...parquetArchive(await scratchDirectory()),
    finish: whileIdle,
  }
  expect(await runRetention(database, { by, archive, now })).toMatchObject({ executionCount: 1 })
})

it('lets go of no execution of which something is being recorded that is committed only then', async () => {
  const url = await createMigratedDatabase()
  const [database, application] = [await opened(url), await opened(url)]
  const [executionId = ''] = await writeAged(database, [oldAt(0)])
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const ended: Promise<void>[] = []
  const beginRecording = async (): Promise<void> => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    ended.push(
      application.transaction(async (tx) => {
        await recordIn(
          (text, values) => tx(text, values),
          [{ eventType: 'OPERATION', action: 'note', executionId }],
        )
        begin()
        await told
      }),
    )
    await begun
  }
  const run = runRetention(database, {
    by,
    archive: null,
    now,
    lockTimeoutMs: 60_000,
    ensureSealed: beginRecording,
  })
  const outcome = run.catch((error: unknown) => error)
  await vi.waitFor(
    async () => {
      const { rows } = await application.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      expect(rows).toHaveLength(1)
    },
    { timeout: 30_000 },
  )
  tell()
  await Promise.all(ended)
  expect(await outcome).toMatchObject({ code: 'retention_changed' })
  expect(await remains(database, [executionId])).toEqual([[4, 3, 1, 3, 1]])
})

async function opened(url: string): Promise<Database> {
  const database = await openDatabase({ url })
  releaseAfterTest(() => database.close())
  return database
}
