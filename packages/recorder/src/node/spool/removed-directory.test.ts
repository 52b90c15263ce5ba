import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { drain, fromTo, numbered } from '../../../test/numbered-events.ts'
import { emptyDirectory, listening, opened } from '../../../test/spool-directory.ts'
import { inspectSpool } from './inspect-spool.ts'
import { systemFiles } from './spool-files.ts'

describe('a spool whose directory was removed', () => {
  it('makes a new directory when its own was removed, and says what was in it', async () => {
    const directory = await emptyDirectory()
    const logger = listening()
    const spool = await opened({ directory, logger })
    await spool.append(fromTo(1, 3))
    await rm(directory, { recursive: true })
    await spool.append([numbered(4)])
    expect(await drain(spool)).toEqual([4])
    expect(logger.told).toMatchObject([[expect.stringContaining('was removed or taken'), { events: 3 }]])
  })

  it.each(['the first of a directory', 'one of several'])(
    'so it does for a dead letter, which is kept: %s',
    async (which) => {
      const directory = await emptyDirectory()
      const spool = await opened({ directory })
      if (which === 'one of several') await spool.bury(numbered(1), 'refused')
      await rm(directory, { recursive: true })
      await spool.bury(numbered(2), 'refused')
      expect(await inspectSpool({ directory })).toMatchObject([{ deadLetters: 1 }])
    },
  )

  it('is closed with the directory that is being made, which the next one takes over', async () => {
    const directory = await emptyDirectory()
    const [begun, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let isHeldUp = false
    const makeDirectory = async (path: string): Promise<void> => {
      if (isHeldUp) begun.resolve()
      if (isHeldUp) await told.promise
      await systemFiles.makeDirectory(path)
    }
    const spool = await opened({ directory, files: { ...systemFiles, makeDirectory } })
    await spool.append([numbered(1)])
    await rm(directory, { recursive: true })
    isHeldUp = true
    const append = spool.append([numbered(2)])
    await begun.promise
    const closing = spool.close()
    told.resolve()
    await Promise.all([append, closing])
    expect(await drain(await opened({ directory }))).toEqual([2])
  })
})
