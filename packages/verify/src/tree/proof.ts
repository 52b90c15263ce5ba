import { equalBytes } from '../bytes/bytes.ts'
import type { TreeHash } from './tree-hash.ts'
import { hashLength } from './tiles.ts'

/** What an inclusion proof is to prove: this leaf is at this index of the tree of this size and root. */
export interface InclusionClaim {
  readonly index: number
  readonly size: number
  readonly leafHash: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** What a consistency proof is to prove: the second tree begins with the leaves of the first. */
export interface ConsistencyClaim {
  readonly first: { readonly size: number; readonly root: Uint8Array }
  readonly second: { readonly size: number; readonly root: Uint8Array }
  readonly proof: readonly Uint8Array[]
}

/** Whether the proof proves that the leaf is in the tree, by the algorithm of RFC 9162, section 2.1.3.2. */
export function verifyInclusion(
  { index, size, leafHash, root, proof }: InclusionClaim,
  hash: TreeHash,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false
  if (![leafHash, ...proof].every(isHash)) return false
  let [node, last] = [index, size - 1]
  let found = leafHash
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      found = hash.node(sibling, found)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      found = hash.node(found, sibling)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && equalBytes(found, root)
}

/** Whether the proof proves that the tree only grew, by the algorithm of RFC 9162, section 2.1.4.2. */
export function verifyConsistency({ first, second, proof }: ConsistencyClaim, hash: TreeHash): boolean {
  if (!isCount(first.size) || !isCount(second.size) || first.size > second.size) return false
  if (![first.root, ...proof].every(isHash)) return false
  if (first.size === second.size) return proof.length === 0 && equalBytes(first.root, second.root)
  if (first.size === 0) return proof.length === 0 && equalBytes(first.root, hash.empty)
  const path = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof
  const [start, ...rest] = path
  if (start === undefined) return false
  let [node, last] = [first.size - 1, second.size - 1]
  while (isOdd(node)) [node, last] = [half(node), half(last)]
  let [old, grown] = [start, start]
  for (const sibling of rest) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      old = hash.node(sibling, old)
      grown = hash.node(sibling, grown)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      grown = hash.node(grown, sibling)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && equalBytes(old, first.root) && equalBytes(grown, second.root)
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
/** What has another length is no hash, and would leave in a node what was hashed before it. */
const isHash = (value: Uint8Array): boolean => value.length === hashLength
const isOdd = (value: number): boolean => value % 2 === 1
const half = (value: number): number => Math.floor(value / 2)

function isPowerOfTwo(value: number): boolean {
  let rest = value
  while (rest > 1 && !isOdd(rest)) rest = half(rest)
  return rest === 1
}
