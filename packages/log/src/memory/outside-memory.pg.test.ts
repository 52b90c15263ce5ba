import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTestDatabase, releaseAfterTest } from '@steptrail/testkit'
import { checkpointText, parseCheckpoint } from '@steptrail/verify'
import { expect, it } from 'vitest'
import { memoryForTest, operations, record, sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { verifyLogs } from '../verify/verify-log.ts'
import { memoryInDirectory, pathOf } from './memory-file.ts'
import { memoriesTogether } from './outside-memory.ts'

const sizeOf = (checkpoint: string): number => parseCheckpoint(checkpoint)?.checkpoint.size ?? -1

it('of several memories each is compared: one that says more than there was does not hide another', async () => {
  const database = await openTestDatabase('postgres')
  const [own, theirs] = [memoryForTest(), memoryForTest()]
  const sealer = sealing({ memory: memoriesTogether([theirs, own], sizeOf) })
  await record(database, operations(5))
  const { origin } = await sealer.seal(database)
  await tamper(database, [
    'delete from log_entries',
    `update audit_event set message = 'another history'`,
    `update log_trees
     set tree_size = 0, checkpoint_size = 0, checkpoint = null, partial_tiles = '[]', feed_position = null`,
    'delete from log_checkpoints',
  ])
  const forger = sealing({ key: sealer.key })
  await record(database, operations(5))
  const { checkpoint } = await forger.seal(database)
  theirs.kept.set(origin, checkpoint)
  await expect(sealer.seal(database)).rejects.toMatchObject({ code: 'log_inconsistent' })
  expect(await verifyLogs(database, { memory: sealer.memory })).toMatchObject({
    defect: { kind: 'root_mismatch', source: 'memory' },
  })
})

it('a file that cannot be replaced leaves none beside it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-memory-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  const origin = 'log.example/orders'
  await mkdir(join(pathOf(directory, origin), 'in the way'), { recursive: true })
  const checkpoint = checkpointText({ origin, size: 0, root: new Uint8Array(32) })
  await expect(memoryInDirectory(directory).write(origin, checkpoint, async () => [])).rejects.toMatchObject({
    code: 'memory_unusable',
    cause: { syscall: 'rename' },
  })
  expect(await readdir(directory)).toHaveLength(1)
})

it('a directory that cannot be used is told as such, by reading and by writing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-memory-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'file'), '')
  const memory = memoryInDirectory(join(directory, 'file'))
  await expect(memory.read('a')).rejects.toMatchObject({ code: 'memory_unusable' })
  await expect(memory.write('a', 'checkpoint', () => Promise.resolve([]))).rejects.toMatchObject({
    code: 'memory_unusable',
    message: expect.stringContaining('cannot be written') as string,
  })
})
