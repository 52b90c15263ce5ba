import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseAfterTest, startPostgres } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { operation } from '../../test/recording.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrate/migrate.ts'
import { openTrail } from './trail.ts'

const silent = { warn: () => undefined, error: () => undefined }

describe('a trail whose database is away when it is opened', { timeout: 60_000 }, () => {
  it('is refused, unless it may be: then it keeps what is recorded, and writes it when the database is there', async () => {
    await using server = await startPostgres()
    const url = server.url()
    {
      await using database = await openDatabase({ url })
      await migrate(database)
    }
    const spoolDirectory = await mkdtemp(join(tmpdir(), 'steptrail-away-'))
    releaseAfterTest(() => rm(spoolDirectory, { recursive: true, force: true }))
    const recorder = {
      spoolDirectory,
      logger: silent,
      failuresBeforeSpool: 1,
      retryMinMs: 10,
      retryMaxMs: 50,
    }
    await server.kill()
    await expect(openTrail({ url })).rejects.toMatchObject({ code: 'database_unreachable' })

    await using trail = await openTrail({ url, mayBeAway: true, recorder })
    expect(await trail.recordDurably(operation({ action: 'scan_process' }))).toBe('spooled')
    await expect(trail.listEvents()).rejects.toMatchObject({ code: 'database_unreachable' })
    await server.start()
    await expect
      .poll(async () => (await trail.listEvents()).items, { timeout: 30_000 })
      .toMatchObject([{ action: 'scan_process' }])
    await trail.close()
    expect(await readdir(spoolDirectory)).toEqual([])
  })

  it('is refused all the same when the password is wrong, the database is not there, or has no schema', async () => {
    await using server = await startPostgres()
    const wrong = new URL(server.url())
    wrong.password = 'wrong'
    for (const url of [wrong.href, server.url('nowhere')])
      await expect(openTrail({ url, mayBeAway: true })).rejects.toMatchObject({
        code: 'database_unreachable',
      })
    await expect(openTrail({ url: server.url(), mayBeAway: true })).rejects.toMatchObject({
      code: 'schema_missing',
    })
  })
})
