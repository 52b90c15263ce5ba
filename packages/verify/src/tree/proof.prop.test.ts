import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { hash, leafOf, tiledTreeOf, treeOf } from '../../test/trees.ts'
import { CompactTree } from './compact-tree.ts'
import { verifyConsistency, verifyInclusion } from './proof.ts'

const size = fc.integer({ min: 1, max: 600 })

/** A proof, and what a forger may make of it. */
const forgeries = (
  proof: readonly Uint8Array[],
  at: number,
  bit: number,
): readonly (readonly Uint8Array[])[] => [
  [...proof, leafOf(0)],
  [leafOf(0), ...proof],
  ...(proof.length === 0
    ? []
    : [
        proof.slice(1),
        proof.slice(0, -1),
        ...[flipped(proof[at % proof.length]!, bit), ...ofOtherLengths(proof[at % proof.length]!)].map(
          (hashed) => proof.with(at % proof.length, hashed),
        ),
      ]),
  ...(proof.length < 2 ? [] : [[proof[1]!, proof[0]!, ...proof.slice(2)]]),
]

/** Beginnings of a hash, and what goes on behind it: what lies in a buffer that is used again may make it whole. */
const ofOtherLengths = (hashed: Uint8Array): readonly Uint8Array[] => [
  new Uint8Array(),
  hashed.subarray(0, 31),
  Uint8Array.of(...hashed, 0),
]

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

it('proves every leaf, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(size, fc.nat(), fc.nat(), fc.nat(255), async (leaves, draw, at, bit) => {
      const index = draw % leaves
      const root = treeOf(leaves).root()
      const proof = await tiledTreeOf(leaves).proveInclusion(index)
      const claim = { index, size: leaves, leafHash: leafOf(index), root, proof }
      expect(verifyInclusion(claim, hash)).toBe(true)
      expect(verifyInclusion({ ...claim, leafHash: flipped(claim.leafHash, bit) }, hash)).toBe(false)
      expect(verifyInclusion({ ...claim, root: flipped(root, bit) }, hash)).toBe(false)
      for (const leafHash of ofOtherLengths(claim.leafHash))
        expect(verifyInclusion({ ...claim, leafHash }, hash)).toBe(false)
      for (const other of [index - 1, index + 1, leaves, -1, 0.5])
        expect(verifyInclusion({ ...claim, index: other }, hash)).toBe(false)
      for (const forged of forgeries(proof, at, bit))
        expect(verifyInclusion({ ...claim, proof: forged }, hash)).toBe(false)
    }),
    { numRuns: 40 },
  )
})

it('proves that a tree grew from each of its beginnings, and from nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(size, fc.nat(), fc.nat(), fc.nat(255), async (leaves, draw, at, bit) => {
      const earlier = draw % (leaves + 1)
      const first = { size: earlier, root: treeOf(earlier).root() }
      const second = { size: leaves, root: treeOf(leaves).root() }
      const proof = await tiledTreeOf(leaves).proveConsistency(earlier)
      expect(verifyConsistency({ first, second, proof }, hash)).toBe(true)
      for (const forged of [
        { first: { ...first, root: flipped(first.root, bit) }, second },
        ...(earlier === 0 ? [] : [{ first, second: { ...second, root: flipped(second.root, bit) } }]),
        { first: { ...first, size: leaves + 1 }, second },
      ])
        expect(verifyConsistency({ ...forged, proof }, hash)).toBe(false)
      for (const forged of forgeries(proof, at, bit))
        expect(verifyConsistency({ first, second, proof: forged }, hash)).toBe(false)
    }),
    { numRuns: 40 },
  )
})

it('goes on from a size and its edge as if it had not stopped', async () => {
  await fc.assert(
    fc.asyncProperty(size, fc.nat(), async (leaves, draw) => {
      const earlier = draw % (leaves + 1)
      const tree = new CompactTree(hash, { size: earlier, edge: await tiledTreeOf(earlier).edge() })
      expect(tree.edge).toEqual(treeOf(earlier).edge)
      for (let index = earlier; index < leaves; index++) tree.append(leafOf(index))
      expect(tree.root()).toEqual(treeOf(leaves).root())
    }),
    { numRuns: 40 },
  )
})
