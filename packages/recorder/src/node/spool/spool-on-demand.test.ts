import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { releaseAfterTest } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { faultyFiles } from '../../../test/faulty-files.ts'
import { drain, fromTo, numbered } from '../../../test/numbered-events.ts'
import { emptyDirectory, listening, opened } from '../../../test/spool-directory.ts'
import type { Spool } from '../../spool.ts'
import type { SpoolOptions } from './spool-options.ts'
import { spoolOnDemand } from './spool-on-demand.ts'

/** A spool on demand that is closed after the test, and what it says. */
function onDemand(options: SpoolOptions): { spool: Spool; logger: ReturnType<typeof listening> } {
  const logger = listening()
  const spool = spoolOnDemand({ logger, ...options })
  releaseAfterTest(() => spool.close())
  return { spool, logger }
}

const exists = async (directory: string): Promise<boolean> => (await readdir(dirname(directory))).length > 0

it('makes no directory before there is something to keep, and removes its own when that is settled', async () => {
  const directory = await emptyDirectory('spool')
  const { spool, logger } = onDemand({ directory })
  expect(await spool.next(10)).toBeUndefined()
  expect([spool.events, spool.bytes, await exists(directory)]).toEqual([0, 0, false])
  await spool.append([numbered(1)])
  expect(spool.events).toBe(1)
  expect(await drain(spool)).toEqual([1])
  await spool.close()
  expect(await readdir(directory)).toEqual([])
  expect(logger.told).toEqual([])
})

it('leaves no directory behind when nothing was to be kept', async () => {
  const directory = await emptyDirectory('spool')
  const { spool } = onDemand({ directory })
  await spool.next(10)
  await spool.close()
  expect(await exists(directory)).toBe(false)
  await expect(spool.append([numbered(1)])).rejects.toMatchObject({ code: 'spool_unavailable' })
  expect(await exists(directory)).toBe(false)
})

it('keeps a dead letter', async () => {
  const directory = await emptyDirectory('spool')
  const { spool } = onDemand({ directory })
  await spool.bury(numbered(1), 'refused')
  await spool.close()
  expect(await readdir(directory)).toHaveLength(1)
})

it('is opened at once where a process has left something', async () => {
  const directory = await emptyDirectory('spool')
  const dead = await opened({ directory })
  await dead.append(fromTo(1, 3))
  await dead.close()
  const { spool } = onDemand({ directory })
  expect(await drain(spool)).toEqual([1, 2, 3])
})

it('finds out that a process has left something since, and says so', async () => {
  const directory = await emptyDirectory('spool')
  const { spool } = onDemand({ directory, adoptEveryMs: 5 })
  const adopted = Promise.withResolvers<void>()
  spool.onAdopted?.(adopted.resolve)
  expect(await spool.next(10)).toBeUndefined()
  const dying = await opened({ directory })
  await dying.append(fromTo(1, 3))
  await dying.close()
  await adopted.promise
  expect(await drain(spool)).toEqual([1, 2, 3])
})

it.each(['EROFS', 'EACCES'])('says once, before it is needed, that it may not write: %s', async (code) => {
  const files = faultyFiles()
  files.fail('checkWritable', code)
  files.fail('makeDirectory', code)
  const directory = await emptyDirectory('spool')
  const { spool, logger } = onDemand({ directory, files, adoptEveryMs: 1 })
  await spool.next(10)
  const unusable = { code: 'spool_unavailable', details: { directory, code } }
  await expect(spool.append([numbered(1)])).rejects.toMatchObject(unusable)
  expect(logger.told).toMatchObject([
    [expect.stringMatching(/^events cannot be kept on disk: .* it may not be written to/), { directory }],
  ])
  files.heal()
  await spool.append([numbered(2)])
  expect(await drain(spool)).toEqual([2])
  expect(logger.told).toHaveLength(1)
})

it('says so where a file is in its way, or above it', async () => {
  const directory = await emptyDirectory('spool')
  await writeFile(directory, 'here')
  for (const place of [directory, `${directory}/below/it`]) {
    const { spool, logger } = onDemand({ directory: place })
    await spool.next(10)
    expect(logger.told).toMatchObject([[expect.stringContaining('a part of its path is a file'), {}]])
  }
  await rm(directory)
  await mkdir(directory)
  const { spool, logger } = onDemand({ directory: `${directory}/below/it` })
  await spool.next(10)
  expect(logger.told).toEqual([])
})

it('refuses an option that cannot be', () => {
  expect(() => spoolOnDemand({ directory: '' })).toThrow('directory is "": give a path')
})
