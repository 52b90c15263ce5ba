import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@steptrail/core'
import { createEmptyDatabase, releaseAfterTest, embeddedDirectory } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { run } from '../../test/run.ts'

const list = ['executions', 'list']

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'steptrail-'))
  releaseAfterTest(() => rm(path, { recursive: true }))
  return path
}

describe('a database that cannot be used', () => {
  it('is migrated first, or says that it is to be', async () => {
    const url = await createEmptyDatabase()
    const before = await run([...list, '--database', url])
    expect(before).toMatchObject({ code: 3, stdout: '' })
    expect(before.stderr).toContain('steptrail migrate')
    const migrated = await run(['migrate', '--database', url])
    expect(migrated.code).toBe(0)
    expect(migrated.stdout).toContain('applied 0001_')
    expect(await run([...list, '--database', url])).toMatchObject({ code: 0, stderr: '' })
  })

  it('is an embedded one that is not there, and is not made by looking', async () => {
    const dataDir = join(await directory(), 'typo')
    const result = await run([...list, '--data-dir', dataDir])
    expect(result).toMatchObject({ code: 3, stdout: '' })
    expect(result.stderr).toContain(`there is no embedded database in ${dataDir} yet`)
    expect(existsSync(dataDir)).toBe(false)
  })

  it('is the embedded one while another program has it', async () => {
    const dataDir = await embeddedDirectory()
    const holder = await openDatabase({ dataDir, program: 'the-holder' })
    const refused = await run([...list, '--data-dir', dataDir])
    await holder.close()
    expect(refused).toMatchObject({ code: 3, stdout: '' })
    expect(refused.stderr).toContain('the-holder')
  })

  it.each([
    ['a URL that is none', 'mysql://root:secret@localhost/app', 2, 'invalid_database_url'],
    ['a server that is not there', 'postgres://anna:secret@127.0.0.1:1/app', 3, 'database_unreachable'],
  ])('is %s, told without its password', async (...[, url, code, told]) => {
    const result = await run(list, { env: { DATABASE_URL: url } })
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toContain(told)
    expect(result.stderr).not.toContain('secret')
  })

  it('is kept in the directory and schema that were asked for', async () => {
    const env = { STEPTRAIL_DATA_DIR: await embeddedDirectory(), STEPTRAIL_SCHEMA: 'trail' }
    expect((await run(['migrate'], { env })).stdout).toContain('Schema trail of the embedded database')
    expect(await run(list, { env })).toMatchObject({ code: 0 })
    expect(await run([...list, '--schema', 'other'], { env })).toMatchObject({ code: 3 })
  })
})
