import { createMigratedDatabase, describeOnBoth, releaseAfterTest, startPostgres } from '@steptrail/testkit'
import { expect, it, vi } from 'vitest'
import { remains, writeAged } from '../../test/aged-trail.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrate/migrate.ts'
import { DailyRetention } from './daily-retention.ts'
import { withRetentionLock } from './retention-lock.ts'
import { listRetentionRuns } from './retention-runs.ts'
import { runDueRetention } from './run-retention.ts'

const by = { type: 'system', id: 'retention' } as const
const old = { workflow: 'w', events: ['2026-05-10T00:00:00.000Z', '2026-05-11T00:00:00.000Z'] }
const now = Date.UTC(2026, 9, 15)
const hour = 3
const waitFor = (met: () => unknown) => vi.waitFor(met, { timeout: 30_000 })

const endsOnRecord = async ({ query }: Database): Promise<readonly unknown[]> => {
  const { rows } = await query(
    `select status, reason, details ->> 'executionCount' as executions, details ->> 'rowCount' as rows
    from audit_event
    where event_type = 'TRAIL_RETENTION_ENDED'
    order by id`,
  )
  return rows
}

describeOnBoth('daily retention', (open) => {
  it('looks by itself, does the work of the day once, and has it on record', async () => {
    const database = await open()
    const ids = await writeAged(database, [old])
    const options = { by, archive: null, hour, firstLookMs: 0, onTrouble: () => {} }
    await using _job = new DailyRetention(database, options)
    await waitFor(async () =>
      expect(await listRetentionRuns(database)).toMatchObject([{ status: 'done', by }]),
    )
    expect(await remains(database, ids)).toEqual([[0, 0, 0, 0, 0]])
    // Until the files are freed it is running.
    await waitFor(async () => expect(await runDueRetention(database, { by, archive: null }, hour)).toBeNull())
    expect(await endsOnRecord(database)).toEqual([
      { status: 'SUCCESS', reason: null, executions: '1', rows: '5' },
    ])
  })

  it('tells of a failure, which is on record, and does the work when it is tried again', async () => {
    const database = await open()
    const ids = await writeAged(database, [old])
    const archive = {
      store: () => Promise.reject(new Error('ENOSPC: no space left on device, write')),
      finish: async () => {},
      discard: async () => {},
    }
    const troubles: unknown[] = []
    const onTrouble = (_: string, cause: unknown): void => void troubles.push(cause)
    const job = new DailyRetention(database, { by, archive, hour, firstLookMs: 0, onTrouble })
    await waitFor(() =>
      expect(troubles).toMatchObject([{ message: expect.stringContaining('ENOSPC') as string }]),
    )
    expect(job.trouble).toBe(troubles[0])
    await job.close()
    expect((await remains(database, ids))[0]?.[0]).toBe(2)
    expect(await runDueRetention(database, { by, archive: null }, hour)).toMatchObject({ executionCount: 1 })
    expect(await runDueRetention(database, { by, archive: null }, hour)).toBeNull()
    expect(await endsOnRecord(database)).toMatchObject([
      { status: 'FAILED', reason: 'ENOSPC: no space left on device, write', rows: '0' },
      { status: 'SUCCESS', rows: '5' },
    ])
  })

  it('is due again when the hour has come again, and not before', async () => {
    const database = await open()
    const run = () => runDueRetention(database, { by, archive: null, now }, hour)
    expect(await run()).not.toBeNull()
    const began = async (ago: string): Promise<void> => {
      await database.query(
        `update retention_run
        set started_at = date_trunc('day', clock_timestamp() - interval '3 hours', 'UTC')
          + interval '3 hours' - $1::interval`,
        [ago],
      )
    }
    await began('0 seconds')
    expect(await run()).toBeNull()
    await began('1 second')
    expect(await run()).not.toBeNull()
  })

  it('is due again when the clock was months ahead at its last run, and has been set back', async () => {
    const database = await open()
    const run = () => runDueRetention(database, { by, archive: null, now }, hour)
    expect(await run()).not.toBeNull()
    await database.query(`update retention_run set started_at = started_at + interval '3 months'`)
    expect(await run()).not.toBeNull()
  })
})

it('two servers that look at once run it once', async () => {
  const url = await createMigratedDatabase()
  const servers = await Promise.all([openDatabase({ url }), openDatabase({ url })])
  for (const server of servers) releaseAfterTest(() => server.close())
  const ids = await writeAged(servers[0], [old])
  const looked = await Promise.allSettled(
    servers.map((server) => runDueRetention(server, { by, archive: null, now }, hour)),
  )
  const done = looked.filter((each) => each.status === 'fulfilled' && each.value !== null)
  expect(done).toHaveLength(1)
  for (const each of looked)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'retention_running' })
  for (const server of servers)
    expect(await runDueRetention(server, { by, archive: null, now }, hour)).toBeNull()
  expect(await remains(servers[0], ids)).toEqual([[0, 0, 0, 0, 0]])
  expect(await listRetentionRuns(servers[1])).toHaveLength(1)
})

it('daily retention is done soon after a database that was away is back, which is told of once', async () => {
  const postgres = await startPostgres()
  releaseAfterTest(() => postgres.stop())
  await using database = await openDatabase({ url: postgres.url() })
  await migrate(database)
  const ids = await writeAged(database, [old])
  await postgres.halt()
  const troubles: string[] = []
  const onTrouble = (message: string): void => void troubles.push(message)
  const quick = { firstLookMs: 0, triesAgainMs: 20 }
  await using job = new DailyRetention(database, { by, archive: null, hour, onTrouble, ...quick })
  await waitFor(() => expect(job.trouble).not.toBeNull())
  await postgres.start()
  await waitFor(async () => expect(await remains(database, ids)).toEqual([[0, 0, 0, 0, 0]]))
  await waitFor(() => expect(job.trouble).toBeNull())
  expect(new Set(troubles).size).toBe(troubles.length)
})

it('daily retention is in no trouble once its database is back, though another run is under way there', async () => {
  const postgres = await startPostgres()
  releaseAfterTest(() => postgres.stop())
  await using database = await openDatabase({ url: postgres.url() })
  await migrate(database)
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const other = withRetentionLock(database, async () => {
    begin()
    await ended
  })
  await begun
  await postgres.halt()
  const quick = { firstLookMs: 0, triesAgainMs: 20 }
  await using job = new DailyRetention(database, { by, archive: null, hour, onTrouble: () => {}, ...quick })
  await waitFor(() => expect(job.trouble).not.toBeNull())
  await postgres.start()
  await waitFor(() => expect(job.trouble).toBeNull())
  end()
  await expect(other).rejects.toThrow(Error)
})
