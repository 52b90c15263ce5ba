import { mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { releaseAfterTest } from '../release.ts'
import { completeInstallation } from './binaries.ts'

describe('a PostgreSQL whose install script was not allowed to run', () => {
  it('gets its libraries linked and its programs made executable, whoever else is at it', async () => {
    const root = await packageOf([
      { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
      { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' },
    ])
    const [native = ''] = await Promise.all([1, 2, 3].map(async () => completeInstallation(root)))
    expect(await readlink(join(native, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18')
    expect(await readFile(join(native, 'lib', 'libpq.so'), 'utf8')).toBe('a library')
    expect((await stat(join(native, 'bin', 'postgres'))).mode & 0o777).toBe(0o755)
  })

  it('keeps the links that are there', async () => {
    const root = await packageOf([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' }])
    await symlink('./libpq.so.5.18', join(root, 'native', 'lib', 'libpq.so'))
    await completeInstallation(root)
    expect(await readlink(join(root, 'native', 'lib', 'libpq.so'))).toBe('./libpq.so.5.18')
  })

  it('is refused by name when a link cannot be made', async () => {
    const root = await packageOf([{ source: 'native/lib/libpq.so.5.18', target: 'native/absent/libpq.so' }])
    await expect(completeInstallation(root)).rejects.toThrow(
      /cannot create .*native\/absent\/libpq\.so.*npm rebuild/,
    )
  })
})

async function packageOf(links: readonly { source: string; target: string }[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'steptrail-package-'))
  releaseAfterTest(async () => rm(root, { recursive: true }))
  await mkdir(join(root, 'native', 'bin'), { recursive: true })
  await mkdir(join(root, 'native', 'lib'))
  await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify(links))
  await writeFile(join(root, 'native', 'lib', 'libpq.so.5.18'), 'a library')
  for (const program of ['initdb', 'postgres']) {
    await writeFile(join(root, 'native', 'bin', program), '', { mode: 0o644 })
  }
  return root
}
