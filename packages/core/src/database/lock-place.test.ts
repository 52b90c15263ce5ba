import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseAfterTest } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { openLockPlace } from './lock-place.ts'

async function directory(...under: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'steptrail-lock-'))
  releaseAfterTest(() => rm(root, { recursive: true }))
  const path = join(root, ...under)
  await mkdir(path, { recursive: true })
  return path
}

describe('the place of a lock', () => {
  it('is the data directory, whatever link led there', async () => {
    const real = await directory('data')
    await symlink(real, `${real}-link`)
    const place = await openLockPlace(`${real}-link`)
    expect(place.address('lock.sock')).toBe(join(real, 'lock.sock'))
    expect(place.path('lock.sock')).toBe(join(real, 'lock.sock'))
  })

  it.runIf(process.platform === 'linux')(
    'is the data directory through a handle where its path is too long',
    async () => {
      const real = await directory('x'.repeat(120))
      const place = await openLockPlace(real)
      expect(place.path('lock.sock')).toBe(join(real, 'lock.sock'))
      expect(place.address('lock.sock')).toMatch(/^\/proc\/self\/fd\/\d+\/lock\.sock$/)
      place.close()
    },
  )

  it('is a short directory named after it on other systems', async () => {
    const real = await directory('x'.repeat(120))
    const place = await openLockPlace(real, 'darwin')
    releaseAfterTest(() => rm(place.path('.'), { recursive: true }))
    expect(place.address('lock.sock')).toMatch(/steptrail-[0-9a-f]{16}\/lock\.sock$/)
    expect(place.address('lock.sock').length).toBeLessThan(100)
    const again = await openLockPlace(real, 'darwin')
    expect(again.address('lock.sock')).toBe(place.address('lock.sock'))
  })

  it('is a named pipe on Windows, one for each directory', async () => {
    const one = await openLockPlace(await directory('one'), 'win32')
    const other = await openLockPlace(await directory('other'), 'win32')
    expect(one).toMatchObject({ kind: 'pipe' })
    expect(one.address('lock.sock')).toMatch(/^\\\\\.\\pipe\\steptrail-[0-9a-f]{16}-lock\.sock$/)
    expect(one.address('lock.sock')).not.toBe(other.address('lock.sock'))
  })
})
