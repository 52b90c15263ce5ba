import type { Database } from '@steptrail/core'
import { parseCheckpoint, TiledTree } from '@steptrail/verify'
import { describeOnBoth } from '@steptrail/testkit'
import { beforeEach, expect, it } from 'vitest'
import { watchingMemory } from '../../test/consistency.ts'
import { operations, record, sealing } from '../../test/logs.ts'
import { nodeTreeHash } from '../key/node-sha256.ts'
import { tilesIn } from '../tree/read-tile.ts'
import { readOpenTree } from '../tree/tree-state.ts'
import { Sealer } from './running-sealer.ts'

describeOnBoth('seal', (open) => {
  let database: Database
  beforeEach(async () => {
    database = await open()
  })

  it('gives every event an index and signs a checkpoint over them', async () => {
    const sealer = sealing({ batchSize: 100 })
    await record(database, operations(600))
    const first = await sealer.seal(database)
    expect(first).toMatchObject({ sealed: 601, size: 601 })
    await record(database, operations(3))
    const second = await sealer.seal(database)
    expect(second).toMatchObject({ sealed: 3, size: 604, origin: first.origin })
    expect(await sealer.seal(database)).toMatchObject({ sealed: 0, size: 604 })
    const tree = await readOpenTree(database.query)
    const root = await new TiledTree(604, tilesIn(database.query, tree!), nodeTreeHash).root()
    expect(parseCheckpoint(second.checkpoint)!.checkpoint.root).toEqual(Uint8Array.from(root))
  })

  it('signs although nobody wants to be told of it', async () => {
    const memory = watchingMemory()
    await record(database, operations(3))
    await new Sealer(database, sealing({ memory })).close()
    expect(memory.signed).toHaveLength(1)
    expect((await readOpenTree(database.query))?.checkpointSize).toBe(4)
  })
})
