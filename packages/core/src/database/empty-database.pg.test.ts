import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { embeddedDirectory } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { emptyDatabase } from './empty-database.ts'
import { openDatabase } from './open-database.ts'

describe('the database that a new embedded one begins with', () => {
  it('has nothing in it but what PostgreSQL itself makes', async () => {
    await using engine = new PGlite('memory://', { loadDataDir: await emptyDatabase() })
    const { rows } = await engine.query(`
      select
        (select count(*) from pg_class where oid >= 16384) as relations,
        (select count(*) from pg_proc where oid >= 16384) as functions,
        (select array_agg(rolname::text) from pg_roles where rolname !~ '^pg_') as roles,
        (select array_agg(datname::text order by datname) from pg_database) as databases,
        current_setting('server_encoding') as encoding`)
    expect(rows).toEqual([
      {
        relations: 0,
        functions: 0,
        roles: ['postgres'],
        databases: ['postgres', 'template0', 'template1'],
        encoding: 'UTF8',
      },
    ])
  })
})

describe('an embedded database that was not made to its end', () => {
  it('is made anew when it is opened again', async () => {
    const dataDir = await embeddedDirectory()
    await using made = await openDatabase({ dataDir })
    await made.close()
    await rm(join(dataDir, 'data', 'global'), { recursive: true })
    await writeFile(join(dataDir, 'data.unfinished'), '')
    await using database = await openDatabase({ dataDir })
    expect((await database.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(existsSync(join(dataDir, 'data.unfinished'))).toBe(false)
  })

  it('is not what somebody else keeps in a directory of that name', async () => {
    const dataDir = await embeddedDirectory()
    await mkdir(join(dataDir, 'data'))
    await writeFile(join(dataDir, 'data', 'notes'), 'mine')
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('what is there is no database') as string,
    })
    expect(await readdir(dataDir)).toEqual(['data'])
    expect(await readdir(join(dataDir, 'data'))).toEqual(['notes'])
  })
})
