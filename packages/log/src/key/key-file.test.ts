import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadOrCreateKey } from './key-file.ts'

let place = ''
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'steptrail-key-'))
})
afterAll(() => rm(place, { recursive: true }))

it('a key that cannot be made, or read, is refused with what to do about it', async () => {
  const file = join(place, 'file')
  await writeFile(file, '')
  await mkdir(join(place, 'directory'), { mode: 0o700 })
  const below = join(file, 'log', 'signing-key.pem')
  await expect(loadOrCreateKey(below)).rejects.toMatchObject({
    code: 'invalid_signing_key',
    message: expect.stringMatching(/ENOTDIR.*name another directory/) as string,
  })
  await expect(loadOrCreateKey(join(place, 'directory'))).rejects.toMatchObject({
    code: 'invalid_signing_key',
    message: expect.stringMatching(/cannot be read \(EISDIR.*name another directory/) as string,
  })
})
