import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js'
import { describe, expect, it } from 'vitest'
import { hash, leafOf, readTile, tiledTreeOf, treeOf } from '../../test/trees.ts'
import { treeVectors } from '../../test/vectors.ts'
import { utf8 } from '../bytes/bytes.ts'
import { bytesOfHex, hexOf } from '../bytes/hex.ts'
import { sha256 } from '../hash/sha256.ts'
import { CompactTree } from './compact-tree.ts'
import { bundleOf } from './tiles.ts'

/** The leaves and roots that implementations of certificate transparency have in common. */
const leaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

it('gives the known roots of certificate transparency', () => {
  const tree = new CompactTree(hash)
  const found = leaves.map((leaf) => {
    tree.append(hash.leaf(bytesOfHex(leaf) ?? new Uint8Array()))
    return hexOf(tree.root())
  })
  expect(found).toEqual(roots)
})

describe('the vectors of another implementation', () => {
  it.each(treeVectors.roots)('root of $size leaves', async ({ size, root }) => {
    expect(hexOf(treeOf(size).root())).toBe(root)
    expect(hexOf(await tiledTreeOf(size).root())).toBe(root)
  })

  it.each(treeVectors.inclusion)('inclusion of leaf $index in $size', async ({ index, size, proof }) => {
    expect((await tiledTreeOf(size).proveInclusion(index)).map(hexOf)).toEqual(proof)
  })

  it.each(treeVectors.consistency)('consistency of $first with $second', async ({ first, second, proof }) => {
    expect((await tiledTreeOf(second).proveConsistency(first)).map(hexOf)).toEqual(proof)
  })

  it('tiles and bundles, byte by byte', async () => {
    const { tiles, bundle } = treeVectors.tiles
    for (const tile of tiles) expect(hexOf(sha256(await readTile(tile)))).toBe(tile.sha256)
    const entries = Array.from({ length: bundle.width }, (_, place) => utf8(`entry ${512 + place}`))
    expect(hexOf(sha256(bundleOf(entries)))).toBe(bundle.sha256)
  })
})

describe('a second opinion', () => {
  it('@sigstore/verify accepts our proofs, and none for another leaf', async () => {
    for (const size of [1, 2, 7, 33, 600]) {
      const tree = tiledTreeOf(size)
      const checkpoint = { logSize: BigInt(size), logHash: Buffer.from(await tree.root()) }
      for (const index of new Set([0, Math.floor(size / 2), size - 1])) {
        const hashes = (await tree.proveInclusion(index)).map((node) => Buffer.from(node))
        const entry = (leaf: number) => ({
          inclusionProof: { logIndex: String(index), hashes },
          canonicalizedBody: Buffer.from(`entry ${leaf}`),
        })
        verifyMerkleInclusion(entry(index) as never, checkpoint as never)
        expect(() => verifyMerkleInclusion(entry(index + 1) as never, checkpoint as never)).toThrow(
          'root hash',
        )
      }
    }
    expect(hexOf(leafOf(0))).toHaveLength(64)
  })
})
