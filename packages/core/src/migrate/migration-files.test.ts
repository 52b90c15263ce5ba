import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { releaseAfterTest } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { readMigrations } from './migration-files.ts'

async function directoryWith(files: Readonly<Record<string, string>>): Promise<URL> {
  const path = await mkdtemp(join(tmpdir(), 'steptrail-sql-'))
  releaseAfterTest(() => rm(path, { recursive: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content)
  return pathToFileURL(`${path}/`)
}

describe('the migrations', () => {
  it('are numbered from 1 without gaps', async () => {
    const migrations = await readMigrations()
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
    expect(migrations[2]?.name).toBe('0003_step_result_audit.sql')
  })

  it('have the same hash whatever line ends a checkout gave them', async () => {
    const [unix] = await readMigrations(await directoryWith({ '0001_a.sql': 'select 1;\nselect 2;\n' }))
    const [windows] = await readMigrations(
      await directoryWith({ '0001_a.sql': 'select 1;\r\nselect 2;\r\n' }),
    )
    expect(windows).toEqual(unix)
    expect(unix?.sha256).toBe('061e995aebcb765888ac7580f67ee3815a03b9b9c3fd5ff2dbb40db98b53a737')
  })

  it.each([
    [{ '0001_a.sql': '', '0003_c.sql': '' }, '0003_c.sql stands where migration number 2 should'],
    [{ '0001_a.sql': '', '0001_b.sql': '' }, '0001_b.sql stands where migration number 2 should'],
    [{ '1_a.sql': '' }, '1_a.sql stands where migration number 1 should'],
  ])('%j are refused', async (files, message) => {
    await expect(readMigrations(await directoryWith(files))).rejects.toThrow(message)
  })
})
