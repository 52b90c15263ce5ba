import type { Database } from '@steptrail/core'
import { parseCheckpoint, TiledTree, verifyConsistency } from '@steptrail/verify'
import { nodeTreeHash } from '../src/key/node-sha256.ts'
import type { OutsideMemory } from '../src/memory/outside-memory.ts'
import { tilesIn } from '../src/tree/read-tile.ts'
import { readOpenTree } from '../src/tree/tree-state.ts'

/** A memory that keeps everything that was ever signed. */
export function watchingMemory(): OutsideMemory & { readonly signed: string[] } {
  const kept = new Map<string, string>()
  const signed: string[] = []
  return {
    signed,
    read: async (origin) => kept.get(origin) ?? null,
    write: async (origin, checkpoint) => {
      signed.push(checkpoint)
      kept.set(origin, checkpoint)
      return checkpoint
    },
  }
}

/** Of checkpoints, those that the log as it is does not begin with. */
export async function inconsistentWith(
  database: Database,
  checkpoints: readonly string[],
): Promise<readonly string[]> {
  const tree = await readOpenTree(database.query)
  if (!tree) return checkpoints
  const tiled = new TiledTree(tree.size, tilesIn(database.query, tree), nodeTreeHash)
  const second = { size: tree.size, root: await tiled.root() }
  const wrong: string[] = []
  for (const checkpoint of checkpoints) {
    const first = parseCheckpoint(checkpoint)?.checkpoint
    const proof = first && first.size <= tree.size ? await tiled.proveConsistency(first.size) : []
    if (!first || !verifyConsistency({ first, second, proof }, nodeTreeHash)) wrong.push(checkpoint)
  }
  return wrong
}
