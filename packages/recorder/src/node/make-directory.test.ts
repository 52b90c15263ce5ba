import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeDirectory } from './make-directory.ts'

let place = ''
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'steptrail-directory-'))
})
afterAll(() => rm(place, { recursive: true }))

it('a directory is made with those above it, by any number at once, and may be there', async () => {
  const path = join(place, 'a', 'b', 'c')
  await Promise.all([1, 2, 3].map(() => makeDirectory(path, 0o700)))
  await makeDirectory(path, 0o700)
  for (const made of [path, join(place, 'a')]) expect((await stat(made)).mode & 0o777).toBe(0o700)
})

it('a directory that cannot be is refused: below a file, or in the place of one', async () => {
  const file = join(place, 'file')
  await writeFile(file, '')
  await expect(makeDirectory(file)).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeDirectory(join(file, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

it.runIf(process.platform === 'linux')(
  'a directory below /proc is refused, and not tried for ever',
  async () => {
    await expect(makeDirectory('/proc/steptrail/log')).rejects.toMatchObject({ code: 'ENOENT' })
  },
)

it('a directory that is there already keeps its mode', async () => {
  const path = join(place, 'open')
  await mkdir(path, { mode: 0o755 })
  await makeDirectory(path, 0o700)
  expect((await stat(path)).mode & 0o777).toBe(0o755)
})
