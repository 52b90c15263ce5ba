import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseAfterTest, runProgram, startProgram } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { openDatabase } from './open-database.ts'

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'steptrail-embedded-'))
  releaseAfterTest(() => rm(path, { recursive: true }))
  return path
}

describe('the embedded database', () => {
  it('is one process’s at a time, keeps what a killed one wrote, and its directory is made when missing', async () => {
    const dataDir = join(await directory(), 'made', 'when missing')
    const program = startProgram(new URL('../../test/embedded-program.ts', import.meta.url), {
      args: [dataDir],
    })
    await program.line('written')
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({
      code: 'embedded_database_in_use',
      message: expect.stringMatching(
        new RegExp(`${dataDir} is in use by the first program, process ${program.pid}, started .*Z: stop it`),
      ) as string,
    })

    await program.kill()
    await using database = await openDatabase({ dataDir })
    expect((await database.query('select text from note')).rows).toEqual([{ text: 'kept' }])
    expect(await readdir(dataDir)).toEqual(['data', 'lock.sock'])
    await expect(openDatabase({ dataDir })).rejects.toMatchObject({ code: 'embedded_database_in_use' })
  })

  it('gives its directory back when it is closed', async () => {
    const dataDir = await directory()
    for (let round = 1; round <= 2; round++) {
      await using database = await openDatabase({ dataDir })
      await database.query('select')
    }
    expect(await readdir(dataDir)).toEqual(['data'])
  })

  it('cannot be where a file is, or in what is no database of ours, and leaves no lock there', async () => {
    const parent = await directory()
    await writeFile(join(parent, 'file'), '')
    await expect(openDatabase({ dataDir: join(parent, 'file') })).rejects.toMatchObject({
      code: 'database_unreachable',
    })
    await writeFile(join(parent, 'data'), '')
    await expect(openDatabase({ dataDir: parent })).rejects.toMatchObject({ code: 'database_unreachable' })
    expect(await readdir(parent)).toEqual(['data', 'file'])
  })

  it('says what to install when its package is missing', async () => {
    const { stdout } = await runProgram(new URL('../../test/without-pglite.ts', import.meta.url))
    expect(JSON.parse(stdout)).toEqual({
      code: 'embedded_database_missing',
      message: expect.stringContaining('npm install @electric-sql/pglite') as string,
    })
  })
})
