import { concatBytes } from '../bytes/bytes.ts'
import type { Sha256 } from '../hash/sha256.ts'

/** The hashes of RFC 6962, section 2.1. */
export interface TreeHash {
  readonly leaf: (entry: Uint8Array) => Uint8Array
  readonly node: (left: Uint8Array, right: Uint8Array) => Uint8Array
  /** The root of a tree without leaves. */
  readonly empty: Uint8Array
}

/** The hashes of RFC 6962 by this SHA-256. */
export function treeHash(sha256: Sha256): TreeHash {
  return {
    leaf: (entry) => sha256(concatBytes(leafPrefix, entry)),
    node: (left, right) => sha256(concatBytes(nodePrefix, left, right)),
    empty: sha256(new Uint8Array()),
  }
}

const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)
