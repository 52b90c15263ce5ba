import { describe, expect, it } from 'vitest'
import { fromTo } from '../../../test/numbered-events.ts'
import { emptyDirectory, opened } from '../../../test/spool-directory.ts'
import { inspectSpool } from './inspect-spool.ts'
import { type SpoolFiles, systemFiles } from './spool-files.ts'

describe('looking into a spool', () => {
  it('shows what waits though a living process removes meanwhile what it has settled', async () => {
    const directory = await emptyDirectory()
    const spool = await opened({ directory })
    await spool.append(fromTo(1, 3))
    const files: SpoolFiles = {
      ...systemFiles,
      list: async (path) => {
        const names = await systemFiles.list(path)
        return path === directory ? names : [...names, '0000000099.segment']
      },
    }
    expect(await inspectSpool({ directory, files })).toMatchObject([{ events: 3, owner: { isAlive: true } }])
  })

  it('shows no directory that was taken over meanwhile', async () => {
    const directory = await emptyDirectory()
    const spool = await opened({ directory })
    await spool.append(fromTo(1, 3))
    const files: SpoolFiles = { ...systemFiles, exists: async () => false }
    expect(await inspectSpool({ directory, files })).toEqual([])
  })
})
