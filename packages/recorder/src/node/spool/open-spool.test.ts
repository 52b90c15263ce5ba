import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { faultyFiles } from '../../../test/faulty-files.ts'
import { drain, fromTo, numbered, numberOf } from '../../../test/numbered-events.ts'
import { emptyDirectory, listening, opened } from '../../../test/spool-directory.ts'
import { segmentHeader } from './segment.ts'
import { type SpoolFiles, systemFiles } from './spool-files.ts'

describe('a spool', () => {
  it('gives what was appended in order, in batches, and is empty when they are settled', async () => {
    const spool = await opened({ directory: await emptyDirectory() })
    await spool.append(fromTo(1, 3))
    await spool.append(fromTo(4, 5))
    expect(spool.events).toBe(5)
    expect(spool.bytes).toBeGreaterThan(5 * 50)

    const first = await spool.next(2)
    const second = await spool.next(2)
    expect(first?.events).toEqual(fromTo(1, 2))
    expect(second?.events).toEqual(fromTo(3, 4))
    expect(spool.events).toBe(5)
    await second?.settle()
    await first?.settle()
    await first?.settle()
    expect(spool.events).toBe(1)
    expect(await drain(spool)).toEqual([5])
    expect(spool).toMatchObject({ events: 0, bytes: 0, damaged: 0, torn: 0 })
    expect(await spool.next(10)).toBeUndefined()
  })

  it('divides what it holds into segments, and removes those that are settled', async () => {
    const directory = await emptyDirectory()
    const spool = await opened({ directory, segmentBytes: 400 })
    for (let number = 1; number <= 12; number++) await spool.append([numbered(number)])
    const [own = ''] = (await readdir(directory)).filter((name) => !name.endsWith('.sock'))
    const segments = async (): Promise<readonly string[]> =>
      (await readdir(join(directory, own))).filter((name) => name.endsWith('.segment'))
    expect((await segments()).length).toBeGreaterThan(2)
    expect(await drain(spool, 2)).toEqual(fromTo(1, 12).map(numberOf))
    expect(await segments()).toHaveLength(1)
  })

  it('leaves nothing behind when it is closed with nothing to replay', async () => {
    const directory = await emptyDirectory()
    const spool = await opened({ directory })
    await spool.append(fromTo(1, 3))
    await drain(spool)
    await spool.close()
    expect(await readdir(directory)).toEqual([])
    await expect(spool.append([numbered(4)])).rejects.toMatchObject({ code: 'spool_unavailable' })
    expect(await spool.next(1)).toBeUndefined()
  })

  it('keeps what is not settled for the next one, and only that', async () => {
    const directory = await emptyDirectory()
    const first = await opened({ directory })
    await first.append(fromTo(1, 6))
    await (await first.next(2))?.settle()
    const open = await first.next(2)
    await (await first.next(2))?.settle()
    expect(open?.events.map(numberOf)).toEqual([3, 4])
    await first.close()

    const logger = listening()
    const second = await opened({ directory, logger })
    await second.append([numbered(9)])
    expect(second.events).toBe(5)
    // 5 and 6 come again: they were settled, but not all before them.
    expect(await drain(second)).toEqual([9, 3, 4, 5, 6])
    expect(logger.told).toMatchObject([[expect.stringContaining('adopted'), { pid: process.pid, events: 4 }]])
    await second.close()
    expect(await readdir(directory)).toEqual([])
  })

  it('takes over what it can, and says once what it cannot', async () => {
    const directory = await emptyDirectory()
    const dead = await opened({ directory })
    await dead.append(fromTo(1, 2))
    await dead.close()
    const noDirectory = '20251104T100000Z-4711-5f3a9c0d'
    const unreadable = '20251104T100000Z-4712-5f3a9c0d'
    await writeFile(join(directory, noDirectory), '')
    await mkdir(join(directory, unreadable, '0000000001.segment'), { recursive: true })

    const logger = listening()
    const spool = await opened({ directory, logger })
    await spool.append([numbered(3)])
    expect(await drain(spool)).toEqual([3, 1, 2])
    await spool.adopt()
    const refused = logger.told.filter(([message]) => message.includes('cannot be taken over'))
    expect(refused).toMatchObject([
      [expect.anything(), { error: expect.stringContaining('ENOTDIR') as string }],
      [expect.anything(), { error: expect.stringContaining('EISDIR') as string }],
    ])
  })

  it('leaves alone what belongs to a process that lives', async () => {
    const directory = await emptyDirectory()
    const [one, other] = [await opened({ directory }), await opened({ directory })]
    await one.append(fromTo(1, 2))
    await other.append(fromTo(3, 4))
    expect(await other.adopt()).toBe(0)
    expect(await drain(other)).toEqual([3, 4])
    await one.close()
    expect(await other.adopt()).toBe(1)
    expect(await drain(other)).toEqual([1, 2])
  })

  it('is adopted by one of many that look at once', async () => {
    const directory = await emptyDirectory()
    for (const event of fromTo(1, 20)) {
      const dead = await opened({ directory })
      await dead.append([event])
      await dead.close()
    }
    const adopters = await Promise.all(fromTo(1, 5).map(() => opened({ directory })))
    await Promise.all(adopters.map((adopter) => adopter.adopt()))
    const numbers = (await Promise.all(adopters.map((adopter) => drain(adopter)))).flat()
    expect(numbers.toSorted((a, b) => a - b)).toEqual(fromTo(1, 20).map(numberOf))
  })

  it('writes appends that are under way together, in order', async () => {
    const spool = await opened({ directory: await emptyDirectory(), segmentBytes: 5_000 })
    await Promise.all(fromTo(1, 500).map((event) => spool.append([event])))
    expect(await drain(spool)).toEqual(fromTo(1, 500).map(numberOf))
  })

  it('under the policy interval resolves with a sync that comes in time', async () => {
    const spool = await opened({ directory: await emptyDirectory(), fsync: 'interval', intervalMs: 20 })
    const before = performance.now()
    const first = spool.append([numbered(1)])
    const second = new Promise((resolve) => setTimeout(resolve, 5)).then(() => spool.append([numbered(2)]))
    await Promise.all([first, second])
    expect(performance.now() - before).toBeGreaterThan(15)
    expect(await drain(spool)).toEqual([1, 2])
    const last = spool.append([numbered(3)])
    await spool.close()
    await last
  })

  it('refuses what would be more than it may hold, and takes it when there is room', async () => {
    const spool = await opened({ directory: await emptyDirectory(), maxBytes: 1_000 })
    await spool.append([numbered(1, 700)])
    await expect(spool.append([numbered(2, 700)])).rejects.toMatchObject({
      code: 'spool_unavailable',
      message: expect.stringMatching(/is full: \d+ bytes would wait in it, and maxBytes is 1000/) as string,
    })
    expect(spool.events).toBe(1)
    expect(await drain(spool)).toEqual([1])
    await spool.append([numbered(2, 700)])
    expect(await drain(spool)).toEqual([2])
  })

  it('settles what it has replayed, though the directory cannot be removed', async () => {
    const directory = await emptyDirectory()
    const dead = await opened({ directory })
    await dead.append(fromTo(1, 3))
    await dead.close()
    const [files, logger] = [faultyFiles(), listening()]
    const spool = await opened({ directory, files, logger })
    files.fail('removeDirectory', 'EACCES', { times: 1 })
    expect(await drain(spool)).toEqual([1, 2, 3])
    expect(spool.adopted).toBe(0)
    expect(logger.told.at(-1)?.[0]).toContain('could not be removed')
  })

  it('works where its path is longer than a socket’s may be', async () => {
    const directory = await emptyDirectory('x'.repeat(100), 'y'.repeat(100))
    const [one, other] = [await opened({ directory }), await opened({ directory })]
    await one.append([numbered(1)])
    expect(await other.adopt()).toBe(0)
    await one.close()
    expect(await other.adopt()).toBe(1)
  })

  it('refuses options that cannot be', async () => {
    const directory = await emptyDirectory()
    await expect(opened({ directory, segmentBytes: 0 })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: 'segmentBytes is 0: give a whole number of at least 1',
    })
    for (const name of ['intervalMs', 'adoptEveryMs'])
      await expect(opened({ directory, [name]: 2 ** 31 })).rejects.toThrow(/2147483648: .* to 2147483647$/)
    await expect(opened({ directory, fsync: 'never' as 'always' })).rejects.toThrow(
      'fsync is "never": give \'always\'',
    )
    await expect(opened({ directory: '' })).rejects.toThrow('directory is ""')
  })

  it('keeps dead letters, a line each, and does not replay them', async () => {
    const directory = await emptyDirectory()
    const spool = await opened({ directory, now: () => Date.UTC(2026, 0, 2) })
    await spool.bury(numbered(7), 'the details\nare too large')
    await spool.bury(numbered(8), 'refused')
    await spool.close()
    const [own = ''] = await readdir(directory)
    expect(own).toMatch(/^20260102T000000Z-\d+-[0-9a-f]{8}$/)
    expect(await readdir(join(directory, own))).toEqual(['dead-letters.jsonl'])
    const [first = '', ...rest] = (await readFile(join(directory, own, 'dead-letters.jsonl'), 'utf8')).split(
      '\n',
    )
    expect(JSON.parse(first)).toEqual({
      buriedAt: '2026-01-02T00:00:00.000Z',
      reason: 'the details\nare too large',
      event: JSON.parse(numbered(7).json) as unknown,
    })
    expect(rest).toHaveLength(2)

    const next = await opened({ directory })
    expect(next.events).toBe(0)
    expect(await readdir(directory)).toContain(own)
  })
})

describe('a spool that is read while it is appended to', () => {
  it('loses nothing of what comes meanwhile, and takes nothing for damage', async () => {
    const reading = Promise.withResolvers<void>()
    const appended = Promise.withResolvers<void>()
    const files: SpoolFiles = {
      ...systemFiles,
      read: async (path, size) => {
        reading.resolve()
        await appended.promise
        return await systemFiles.read(path, size)
      },
    }
    const spool = await opened({ directory: await emptyDirectory(), files, segmentBytes: 400 })
    await spool.append(fromTo(1, 2))
    const first = spool.next(10)
    await reading.promise
    // The second of these begins another segment: nothing will come to the first one.
    await spool.append([numbered(3)])
    await spool.append(fromTo(4, 6))
    appended.resolve()
    const batch = await first
    expect(batch?.events.map(numberOf)).toEqual([1, 2])
    expect(spool.events).toBe(6)
    await batch?.settle()
    expect(await drain(spool)).toEqual([3, 4, 5, 6])
    expect([spool.damaged, spool.torn, spool.events, spool.bytes]).toEqual([0, 0, 0, 0])
  })
})

describe('a spool that cannot be read for a while', () => {
  it('gives what others there are, says that there is more, and gives that later', async () => {
    const [directory, files] = [await emptyDirectory(), faultyFiles()]
    const dead = await opened({ directory })
    await dead.append(fromTo(1, 3))
    await dead.close()
    const spool = await opened({ directory, files })
    await spool.append(fromTo(4, 5))
    files.fail('read', 'EMFILE', { times: 1 })
    expect(await drain(spool, 2)).toEqual([1, 2, 4, 5, 3])
    await spool.append(fromTo(6, 7))
    files.fail('read', 'EMFILE')
    await expect(spool.next(1)).rejects.toMatchObject({ code: 'spool_unavailable' })
    files.heal()
    expect(await drain(spool)).toEqual([6, 7])
  })

  it('is taken over all the same, and read as soon as it can be', async () => {
    const [directory, files] = [await emptyDirectory(), faultyFiles()]
    const dead = await opened({ directory })
    await dead.append(fromTo(1, 3))
    await dead.close()
    files.fail('read', 'EMFILE', { after: 1 })
    const spool = await opened({ directory, files })
    expect(spool.events).toBe(0)
    files.heal()
    let adoptions = 0
    spool.onAdopted(() => adoptions++)
    await spool.adopt()
    expect(adoptions).toBe(1)
    expect(await drain(spool)).toEqual([1, 2, 3])
    await spool.close()
    expect(await readdir(directory)).toEqual([])
  })
})

describe('a damaged spool', () => {
  it('loses only the damaged record, tells where it is, and keeps the file', async () => {
    const directory = await emptyDirectory()
    const logger = listening()
    await leftBehind(directory, (bytes) => bytes.writeUInt8(bytes.readUInt8(150) ^ 1, 150))
    const spool = await opened({ directory, logger })
    expect(spool).toMatchObject({ damaged: 1, torn: 0, events: 2 })
    expect(await drain(spool)).toEqual([1, 3])
    expect(logger.told).toContainEqual([
      expect.stringContaining('is damaged; the record there is lost'),
      { code: 'spool_damaged', file: expect.stringMatching(/1\.segment$/) as string, offset: 100, bytes: 84 },
    ])
    await spool.close()
    const [kept = ''] = await readdir(directory)
    expect(await readdir(join(directory, kept))).toEqual(['0000000001.damaged'])
    expect((await opened({ directory })).damaged).toBe(0)
  })

  it('whose last record is torn gives the others, and says so', async () => {
    const directory = await emptyDirectory()
    const logger = listening()
    await leftBehind(directory, (bytes) => bytes.subarray(0, -1))
    const spool = await opened({ directory, logger })
    expect(spool).toMatchObject({ damaged: 0, torn: 1, events: 2 })
    expect(await drain(spool)).toEqual([1, 2])
    expect(logger.told[0]).toMatchObject([
      expect.stringContaining('in the middle of a record'),
      { offset: 184 },
    ])
    await spool.close()
    expect(await readdir(directory)).toEqual([])
  })

  it('that is damaged between being written and being read is told of as well, and adds up', async () => {
    const directory = await emptyDirectory()
    const spool = await opened({ directory })
    await spool.append(fromTo(1, 3))
    await change(directory, (bytes) => bytes.writeUInt8(0, 16))
    expect(await drain(spool)).toEqual([2, 3])
    expect(spool).toMatchObject({ damaged: 1, events: 0, bytes: 0 })
  })

  it('that was cut short by somebody adds up, too', async () => {
    const directory = await emptyDirectory()
    const spool = await opened({ directory })
    await spool.append(fromTo(1, 3))
    await change(directory, (bytes) => bytes.subarray(0, 184))
    expect(await drain(spool)).toEqual([1, 2])
    expect([spool.damaged, spool.events, spool.bytes]).toEqual([1, 0, 0])
  })

  it('whose last record is not what was appended has not been torn, and is kept', async () => {
    const directory = await emptyDirectory()
    const spool = await opened({ directory })
    await spool.append(fromTo(1, 3))
    // The last record is longer than the file, it says.
    await change(directory, (bytes) => bytes.writeUInt8(1, 184 + 10))
    expect(await drain(spool)).toEqual([1, 2])
    expect([spool.damaged, spool.torn]).toEqual([1, 0])
    await spool.close()
    const [kept = ''] = await readdir(directory)
    expect(await readdir(join(directory, kept))).toEqual(['0000000001.damaged'])
  })

  it('of a later version is left as it is', async () => {
    const directory = await emptyDirectory()
    const logger = listening()
    await leftBehind(directory, (bytes) => {
      bytes.set(segmentHeader(2))
    })
    const spool = await opened({ directory, logger })
    expect(await drain(spool)).toEqual([])
    await spool.close()
    const [left = ''] = await readdir(directory)
    expect(await readdir(join(directory, left))).toEqual(['0000000001.segment'])
  })

  it.each<[string, (position: string) => string]>([
    ['cannot be read', () => '{"seg'],
    ['has another digit than was written', (position) => position.replace('184', '284')],
    ['has no checksum', () => '{"segment":1,"offset":184}\n'],
  ])('whose position %s is replayed from its beginning', async (_, changed) => {
    const directory = await emptyDirectory()
    const first = await opened({ directory })
    await first.append(fromTo(1, 3))
    await (await first.next(2))?.settle()
    await first.close()
    const [own = ''] = await readdir(directory)
    const position = '{"segment":1,"offset":184,"checksum":3769896754}\n'
    expect(await readFile(join(directory, own, 'position.json'), 'utf8')).toBe(position)
    await writeFile(join(directory, own, 'position.json'), changed(position))
    expect(await drain(await opened({ directory }))).toEqual([1, 2, 3])
  })
})

/** A spool that a process left with three events in it, changed. */
async function leftBehind(directory: string, by: (bytes: Buffer) => unknown): Promise<void> {
  const spool = await opened({ directory })
  await spool.append(fromTo(1, 3))
  await spool.close()
  await change(directory, by)
}

async function change(directory: string, by: (bytes: Buffer) => unknown): Promise<void> {
  const [own = ''] = (await readdir(directory)).filter((name) => !name.endsWith('.sock'))
  const file = join(directory, own, '0000000001.segment')
  const bytes = await readFile(file)
  const changed = by(bytes)
  await writeFile(file, Buffer.isBuffer(changed) ? changed : bytes)
}
