import { describeOnBoth } from '@steptrail/testkit'
import { CompactTree, TiledTree, verifyInclusion } from '@steptrail/verify'
import { expect, it } from 'vitest'
import { nodeTreeHash as hash } from '../key/node-sha256.ts'
import { growTree } from './grow.ts'
import { knownTilesIn } from './known-tiles.ts'
import type { TreeState } from './tree-state.ts'

/** One more than has two full tiles above those of the leaves. */
const size = 2 * 256 ** 2 + 300

const treeOf = (logId: number): TreeState => ({
  logId,
  origin: `log ${logId}`,
  fence: 0,
  size: 0,
  partialTiles: [],
  feedCursor: null,
  checkpoint: null,
  checkpointSize: 0,
  signedAt: null,
  predecessor: null,
  begunAt: '',
  endedAt: null,
})

const insertTiles = `
insert into log_tiles (log_id, level, tile_index, hashes)
select $1::int, level, tile_index, decode(hashes, 'hex')
from unnest($2::int[], $3::bigint[], $4::text[]) as tile(level, tile_index, hashes)`

describeOnBoth('tiles that are known by their root', (open) => {
  it('prove every leaf of each log, and of what the log has now', async () => {
    const database = await open()
    for (const logId of [1, 2, 3]) {
      // The third log begins as the first does, and goes on otherwise.
      const leaves = Array.from({ length: size }, (_, index) =>
        hash.leaf(Buffer.from(`${logId === 2 || index > 70_000 ? logId : 1} ${index}`)),
      )
      const grown = growTree(treeOf(logId), leaves, hash)
      await database.query(insertTiles, [
        logId,
        grown.fullTiles.map(({ level }) => level),
        grown.fullTiles.map(({ index }) => index),
        grown.fullTiles.map(({ hashes }) => Buffer.from(hashes).toString('hex')),
      ])
      const tree = { ...treeOf(logId), size, partialTiles: grown.partialTiles }
      const whole = new CompactTree(hash)
      for (const leaf of leaves) whole.append(leaf)
      for (const index of [0, 255, 65_535, 65_536, 70_001, 131_071, 131_072, size - 1]) {
        const tiles = knownTilesIn(database.query, tree, { index: 0, hashes: null })
        const proof = await new TiledTree(size, tiles, hash).proveInclusion(index)
        const leafHash = leaves[index]!
        expect(verifyInclusion({ index, size, leafHash, root: whole.root(), proof }, hash), `${index}`).toBe(
          true,
        )
      }
    }
  })
})
