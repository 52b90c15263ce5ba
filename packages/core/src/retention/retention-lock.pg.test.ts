import { embeddedDirectory, openTestDatabase } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import type { Database } from '../database/database.ts'
import { enterByDoor } from '../database/door/door-database.ts'
import { openDoor } from '../database/door/open-door.ts'
import { openDatabase } from '../database/open-database.ts'
import { withRetentionLock } from './retention-lock.ts'

const nothing = (): Promise<string> => Promise.resolve('done')

async function excludeEachOther(one: Database, other: Database): Promise<void> {
  await withRetentionLock(one, async () => {
    await expect(withRetentionLock(other, nothing)).rejects.toMatchObject({ code: 'retention_running' })
    await expect(withRetentionLock(one, nothing)).rejects.toMatchObject({ code: 'retention_running' })
  })
  const failing = withRetentionLock(one, () => Promise.reject(new Error('no room')))
  await expect(failing).rejects.toThrow('no room')
  expect(await withRetentionLock(other, nothing)).toBe('done')
}

describe('one run of retention at a time', () => {
  it.each(['postgres', 'embedded'] as const)('of one process, on %s', async (kind) => {
    const database = await openTestDatabase(kind)
    await excludeEachOther(database, database)
  })

  it('of whoever holds an embedded directory, and of those who work through it', async () => {
    const directory = await embeddedDirectory()
    await using held = await openDatabase({ dataDir: directory })
    await using _door = await openDoor(held, directory)
    await using guest = (await enterByDoor(directory)) as Database
    await excludeEachOther(held, guest)
    await excludeEachOther(guest, held)
  })
})
