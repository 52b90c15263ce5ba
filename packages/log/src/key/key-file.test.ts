import { mkdtemp, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
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

it('is one key, however many ask for it at once', async () => {
  const path = join(place, 'together', 'signing-key.pem')
  const loaded = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateKey(path)))
  const publicKeys = new Set(loaded.map(({ key }) => Buffer.from(key.publicKey).toString('hex')))
  expect(publicKeys.size).toBe(1)
  expect(loaded.filter(({ isNew }) => isNew).length).toBe(1)
  expect(await readdir(join(place, 'together'))).toEqual(['signing-key.pem'])
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

it('is never there in part, for others to read', async () => {
  const seen = new Set<string>()
  for (let number = 0; number < 20; number++) {
    const path = join(place, `whole-${number}.pem`)
    const made = loadOrCreateKey(path)
    const done = new AbortController()
    void made.finally(() => done.abort())
    while (!done.signal.aborted) {
      seen.add(existsSync(path) ? readFileSync(path, 'utf8').slice(0, 10) : 'none')
      await setImmediate()
    }
    await made
  }
  expect([...seen].toSorted()).toEqual(['-----BEGIN', 'none'])
})

it('in the place of which is a link to nothing is refused', async () => {
  const path = join(place, 'link.pem')
  await symlink(join(place, 'nowhere.pem'), path)
  await expect(loadOrCreateKey(path)).rejects.toMatchObject({
    code: 'invalid_signing_key',
    message: expect.stringMatching(/link\.pem/) as string,
  })
  expect((await readdir(place)).filter((file) => file.startsWith('link'))).toEqual(['link.pem'])
})
