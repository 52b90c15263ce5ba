import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMigratedDatabase, describeOnBoth, faultyDatabase, releaseAfterTest } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { operation } from '../../test/recording.ts'
import { openDatabase } from '../database/open-database.ts'
import { createTrail, openTrail, type Trail } from './trail.ts'

const quick = {
  retryMinMs: 1,
  failuresBeforeSpool: 1,
  logger: { warn: () => undefined, error: () => undefined },
} as const

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-trail-spool-'))
  releaseAfterTest(() => rm(directory, { recursive: true, force: true }))
  return directory
}

async function actionsOf(trail: Trail): Promise<readonly unknown[]> {
  const { items } = await trail.listEvents({ order: 'asc' })
  return items.map((event) => ('action' in event ? event.action : undefined))
}

describeOnBoth('a trail with a directory for its spool', (open) => {
  it('keeps there what the database does not take, and the next one writes it, though it records nothing', async () => {
    const directory = join(await emptyDirectory(), 'spool')
    const recorder = { ...quick, spoolDirectory: directory }
    const database = await open()
    const gone = faultyDatabase(database)
    gone.fail({ at: 'statement', number: 1 })
    const cut = createTrail(gone, { recorder: { ...recorder, retryMinMs: 60_000, retryMaxMs: 60_000 } })
    cut.record(operation({ action: 'scan_process' }))
    expect(await cut.flush()).toEqual({ written: 0, spooled: 1, dropped: 0, pending: 0 })
    await cut.close()

    const next = createTrail(database, { recorder })
    await next.close()
    expect(await actionsOf(createTrail(database))).toEqual(['scan_process'])
    expect(await readdir(directory)).toEqual([])
  })

  it('makes none while all goes well', async () => {
    const directory = await emptyDirectory()
    await using trail = createTrail(await open(), { recorder: { spoolDirectory: join(directory, 'spool') } })
    expect(await trail.recordDurably(operation())).toBe('written')
    await trail.close()
    expect(await readdir(directory)).toEqual([])
  })
})

describe('a trail that was not told where its spool is', () => {
  it('has it beside the embedded database, once it has something to keep', async () => {
    const dataDir = await emptyDirectory()
    const cut = await openTrail({ dataDir, recorder: quick })
    await cut.listEvents()
    expect(await readdir(dataDir)).not.toContain('spool')
    await cut.database.close()
    expect(await cut.recordDurably(operation({ action: 'data_cleanup' }))).toBe('spooled')
    await cut.close()
    expect(await readdir(join(dataDir, 'spool'))).toHaveLength(1)

    await using next = await openTrail({ dataDir })
    next.record(operation({ action: 'cache_refresh' }))
    await expect.poll(() => actionsOf(next)).toEqual(['data_cleanup', 'cache_refresh'])
  })
})

it('a trail is closed at its deadline, also while a table is locked that it writes to', async () => {
  const [url, spoolDirectory] = [await createMigratedDatabase(), await emptyDirectory()]
  await using observer = await openDatabase({ url })
  const options = { closeTimeoutMs: 2 ** 31 - 1, recorder: { ...quick, batchAgeMs: 1, spoolDirectory } }
  const trail = await openTrail({ url, ...options })
  await observer.transaction(async (tx) => {
    await tx('lock table audit_event')
    trail.record(operation({ action: 'scan_process' }))
    const waiting = `select count(*)::int as count from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock'`
    await expect.poll(async () => (await tx(waiting)).rows).toEqual([{ count: 1 }])
    await trail.close({ deadlineMs: 100 })
    expect(trail.recorder.counts()).toMatchObject({ spooled: 1, pending: 0 })
  })
  await using next = await openTrail({ url, recorder: { ...quick, spoolDirectory } })
  await expect.poll(() => next.recorder.counts().replayed.written).toBe(1)
  expect(await actionsOf(next)).toEqual(['scan_process'])
})
