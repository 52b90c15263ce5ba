import { execFileSync } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { releaseAfterTest } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { type FaultPlan, faultyFiles, type FileAction } from '../../../test/faulty-files.ts'
import { drain, fromTo, numbered, numberOf } from '../../../test/numbered-events.ts'
import { emptyDirectory, listening, opened } from '../../../test/spool-directory.ts'

interface Failure {
  readonly when: string
  readonly action: FileAction
  readonly code: string
  readonly plan?: FaultPlan
  readonly message: RegExp
}

/** Where the writing of an append may fail: before it, in its middle, before the sync, and after it. */
const failures: readonly Failure[] = [
  { when: 'before anything is written', action: 'write', code: 'ENOSPC', message: /no room on the disk/ },
  {
    when: 'in the middle of a record',
    action: 'write',
    code: 'ENOSPC',
    plan: { bytes: 50 },
    message: /no room/,
  },
  { when: 'when all is written', action: 'write', code: 'EIO', plan: { bytes: 9_999 }, message: /EIO/ },
  { when: 'at the sync', action: 'sync', code: 'EIO', message: /EIO/ },
  { when: 'after the sync', action: 'exists', code: 'EACCES', message: /this user may not use it/ },
]

describe.each(failures)('an append that fails $when', ({ action, code, plan, message }) => {
  it('counts for nothing, leaves what was there, and the next one works', async () => {
    const files = faultyFiles()
    const spool = await opened({ directory: await emptyDirectory(), files })
    await spool.append(fromTo(1, 2))
    const before = spool.bytes

    files.fail(action, code, { ...plan, times: 1 })
    await expect(spool.append([numbered(3)])).rejects.toMatchObject({
      code: 'spool_unavailable',
      message: expect.stringMatching(message) as string,
    })
    expect([spool.events, spool.bytes]).toEqual([2, before])
    await spool.append([numbered(4)])
    expect(await drain(spool)).toEqual(expect.arrayContaining([1, 2, 4]))
    expect([spool.events, spool.bytes, spool.damaged, spool.torn]).toEqual([0, 0, 0, 0])
  })

  it('leaves to an adopter what was promised, and nothing damaged', async () => {
    const files = faultyFiles()
    const directory = await emptyDirectory()
    const spool = await opened({ directory, files })
    await spool.append(fromTo(1, 2))
    files.fail(action, code, { ...plan, times: 1 })
    await expect(spool.append([numbered(3)])).rejects.toThrow(message)
    await spool.append([numbered(4)])
    await spool.close()

    const adopter = await opened({ directory })
    const numbers = await drain(adopter)
    // What is on disk cannot be taken back: it is replayed, which its id makes harmless.
    expect(numbers).toEqual(action === 'exists' ? [1, 2, 3, 4] : [1, 2, 4])
    expect([adopter.damaged, adopter.torn]).toEqual([0, 0])
  })
})

describe('a spool whose disk is full', () => {
  it('takes nothing and loses nothing as long as it is, and goes on when there is room', async () => {
    const files = faultyFiles()
    const spool = await opened({ directory: await emptyDirectory(), files, segmentBytes: 300 })
    await spool.append(fromTo(1, 2))
    files.fail('write', 'ENOSPC', { bytes: 20 })
    for (let number = 3; number <= 5; number++)
      await expect(spool.append([numbered(number)])).rejects.toMatchObject({ code: 'spool_unavailable' })
    files.fail('create', 'ENOSPC')
    await expect(spool.append(fromTo(6, 9))).rejects.toMatchObject({ code: 'spool_unavailable' })
    expect(spool.events).toBe(2)
    expect((await spool.next(1))?.events.map(numberOf)).toEqual([1])
    files.heal()
    await spool.append(fromTo(6, 9))
    expect(await drain(spool)).toEqual([2, 6, 7, 8, 9])
  })

  it('refuses the one append that there is no room for, and not those beside it', async () => {
    const files = faultyFiles()
    const spool = await opened({ directory: await emptyDirectory(), files })
    await spool.append([numbered(1)])
    files.fail('write', 'ENOSPC', { after: 1, times: 1, bytes: 7 })
    const results = await Promise.allSettled(fromTo(2, 4).map((event) => spool.append([event])))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await drain(spool)).toEqual([1, 2, 4])
  })

  it('goes on in another file where one may not become larger, and says so of what fits in none', async () => {
    const files = faultyFiles()
    const directory = await emptyDirectory()
    const spool = await opened({ directory, files })
    await spool.append([numbered(1)])
    files.fail('write', 'EFBIG', { times: 1, bytes: 7 })
    await spool.append(fromTo(2, 3))
    const written = await readdir(directory, { recursive: true })
    expect(written.filter((name) => name.endsWith('.segment'))).toHaveLength(2)
    files.fail('write', 'EFBIG', { after: 1 })
    await spool.append([numbered(4)])
    await expect(spool.append([numbered(5)])).rejects.toThrow(/let files of this process be larger/)
    files.heal()
    expect(await drain(spool)).toEqual([1, 2, 3, 4])
    expect([spool.events, spool.damaged, spool.torn]).toEqual([0, 0, 0])
  })

  it('settles what is replayed, though it cannot note how far', async () => {
    const files = faultyFiles()
    const directory = await emptyDirectory()
    const logger = listening()
    const spool = await opened({ directory, files, logger })
    await spool.append(fromTo(1, 4))
    files.fail('create', 'ENOSPC')
    await (await spool.next(2))?.settle()
    expect(spool.events).toBe(2)
    expect(logger.told).toMatchObject([[expect.stringContaining('how far the spool is settled'), {}]])
    expect(await drain(spool)).toEqual([3, 4])
  })

  it('does not count a dead letter that there is no room for', async () => {
    const files = faultyFiles()
    const directory = await emptyDirectory()
    const spool = await opened({ directory, files })
    await spool.bury(numbered(1), 'refused')
    files.fail('write', 'ENOSPC', { bytes: 10, times: 1 })
    await expect(spool.bury(numbered(2), 'refused')).rejects.toMatchObject({ code: 'spool_unavailable' })
    await spool.bury(numbered(3), 'refused')
    expect(await deadLetters(directory)).toEqual([1, 3])
  })

  it('is told by the system itself, on a file system of 256 KB', async (context) => {
    const directory = await smallDisk(256)
    if (directory === undefined) return context.skip('no file system can be mounted here')
    const spool = await opened({ directory })
    const numbers = fromTo(1, 30).map(numberOf)
    const results: PromiseSettledResult<void>[] = []
    for (const number of numbers)
      results.push(...(await Promise.allSettled([spool.append([numbered(number, 10_000)])])))
    const taken = numbers.filter((_, index) => results[index]?.status === 'fulfilled')
    expect(results.at(-1)).toMatchObject({
      reason: { code: 'spool_unavailable', details: { code: 'ENOSPC' } },
    })
    expect(taken.length).toBeGreaterThan(10)
    expect(spool.events).toBe(taken.length)
    expect(await drain(spool)).toEqual(taken)
    await spool.append([numbered(100, 10_000)])
    expect(await drain(spool)).toEqual([100])
    expect([spool.damaged, spool.torn]).toEqual([0, 0])
  })
})

describe('a spool in a directory that may not be written to', () => {
  it.each([
    ['EROFS', 'it may not be written to', 'use a directory that may be'],
    ['EACCES', 'this user may not use it', 'use another directory, or be the user whose it is'],
  ])('cannot be opened, and says what to do: %s', async (code, problem, action) => {
    const files = faultyFiles()
    files.fail('makeDirectory', code)
    const directory = await emptyDirectory('spool')
    await expect(opened({ directory, files })).rejects.toMatchObject({
      code: 'spool_unavailable',
      message: `the spool in ${directory} cannot be used: ${problem} (${code}: made to fail, makeDirectory); ${action}`,
    })
  })

  it('cannot be opened where the system says so itself', async (context) => {
    const directory = await smallDisk(256)
    if (directory === undefined) return context.skip('no file system can be mounted here')
    execFileSync('mount', ['-o', 'remount,ro', directory])
    await expect(opened({ directory })).rejects.toMatchObject({
      code: 'spool_unavailable',
      details: { code: expect.stringMatching(/EROFS|EACCES/) as string },
    })
  })

  it('cannot be opened where a file is in its way', async () => {
    const directory = await emptyDirectory('file', 'spool')
    await writeFile(dirname(directory), 'here')
    await expect(opened({ directory })).rejects.toMatchObject({
      code: 'spool_unavailable',
      message: expect.stringContaining('a part of its path is a file') as string,
    })
  })

  it('refuses appends when it became so later, and goes on when it is writable again', async () => {
    const files = faultyFiles()
    const spool = await opened({ directory: await emptyDirectory(), files })
    await spool.append([numbered(1)])
    files.fail('write', 'EROFS')
    await expect(spool.append([numbered(2)])).rejects.toMatchObject({ code: 'spool_unavailable' })
    files.heal()
    await spool.append([numbered(3)])
    expect(await drain(spool)).toEqual([1, 3])
  })
})

/** A file system of that many KB, where one can be mounted; unmounted after the test. */
async function smallDisk(kilobytes: number): Promise<string | undefined> {
  const directory = await emptyDirectory('disk')
  await mkdir(directory)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', directory], {
      stdio: 'ignore',
    })
  } catch {
    // Not root, or in a container that may not: the test says that it was skipped.
    return undefined
  }
  releaseAfterTest(async () => void execFileSync('umount', ['-l', directory]))
  return directory
}

async function deadLetters(directory: string): Promise<readonly number[]> {
  const { readDeadLetters } = await import('./dead-letters.ts')
  const { systemFiles } = await import('./spool-files.ts')
  const [own = ''] = (await readdir(directory)).filter((name) => !name.endsWith('.sock'))
  const { letters, unreadable } = await readDeadLetters(systemFiles, join(directory, own))
  expect(unreadable).toBe(0)
  return letters.map(({ event }) => event['number'] as number)
}
