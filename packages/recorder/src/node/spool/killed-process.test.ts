import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { drain, fromTo, numbered } from '../../../test/numbered-events.ts'
import { emptyDirectory, opened } from '../../../test/spool-directory.ts'
import { forgetDeadOwners, isOwned, own } from './owner.ts'

describe('what a killed process has left in a spool', () => {
  it('is gone once that is replayed, also where it was killed while it wrote how far it was, or began', async () => {
    const directory = await emptyDirectory()
    const dead = await opened({ directory })
    await dead.append(fromTo(1, 2))
    await dead.close()
    const [left = ''] = await readdir(directory)
    await writeFile(join(directory, left, 'position.json.new'), '{"segm')
    const empty = '20251104T100000Z-4711-5f3a9c0d'
    await mkdir(join(directory, empty))
    await writeFile(join(directory, empty, 'position.json.new'), '')
    await writeFile(join(directory, `${empty}.new`), '')
    await writeFile(join(directory, 'somebody.new'), 'not ours')

    const spool = await opened({ directory })
    await spool.append([numbered(3)])
    expect(await drain(spool)).toEqual([3, 1, 2])
    await spool.close()
    expect(await readdir(directory)).toEqual(['somebody.new'])
  })

  it('is told from one that only begins: who tidies up meanwhile does not keep it from its name', async () => {
    const directory = await emptyDirectory()
    await mkdir(directory, { recursive: true })
    const names = fromTo(10, 59).map((_, index) => `20251104T100000Z-${1000 + index}-5f3a9c0d`)
    const done = new AbortController()
    const refused: unknown[] = []
    const tidying = (async () => {
      while (!done.signal.aborted)
        await forgetDeadOwners(directory, await readdir(directory), (_, error) => refused.push(error))
    })()
    const held = await Promise.all(names.map((name) => own(directory, name)))
    done.abort()
    await tidying
    expect(await Promise.all(names.map((name) => isOwned(directory, name)))).toEqual(names.map(() => true))
    expect(refused).toEqual([])
    await Promise.all(held.map((ownership) => ownership.release()))
    expect(await readdir(directory)).toEqual([])
  })
})
