import type { Database } from '@steptrail/core'
import type { Defect, SignedTree, VerifierKey } from '@steptrail/verify'
import type { OutsideMemory } from '../memory/outside-memory.ts'
import type { TreeState } from '../tree/tree-state.ts'
import type { LogAndNext } from './around-the-log.ts'
import { type CheckpointVerdict, verifyCheckpoint } from './trusted-checkpoint.ts'

/** A checkpoint that a log has to agree with beside its latest one. */
export interface EarlierCheckpoint {
  readonly checkpoint: string
  readonly source: 'history' | 'memory'
}

/** The checkpoints of the past, in order of their sizes, and the one that is remembered outside of the database. */
export async function readEarlierCheckpoints(
  database: Database,
  { logId, origin }: Pick<TreeState, 'logId' | 'origin'>,
  memory: OutsideMemory | undefined,
): Promise<readonly EarlierCheckpoint[]> {
  const { rows } = await database.query<{ checkpoint: string }>(
    'select checkpoint from log_checkpoints where log_id = $1 order by tree_size',
    [logId],
  )
  const remembered = (await memory?.read(origin)) ?? null
  return [
    ...rows.map(({ checkpoint }) => ({ checkpoint, source: 'history' as const })),
    ...(remembered === null ? [] : [{ checkpoint: remembered, source: 'memory' as const }]),
  ]
}

/** What signed trees are compared with and checked by. */
export interface Trust {
  readonly latest: Extract<CheckpointVerdict, { ok: true }>
  readonly keys: readonly VerifierKey[]
}

/** Every tree that was signed, the smallest first, or what is wrong with one of the checkpoints. */
export async function signedTrees(
  { tree, next, earlier }: LogAndNext & { readonly earlier: readonly EarlierCheckpoint[] },
  { latest, keys }: Trust,
): Promise<readonly SignedTree[] | Defect> {
  const { size } = latest.tree
  const trees: SignedTree[] = []
  for (const { checkpoint, source } of earlier) {
    const verdict = await verifyCheckpoint({ checkpoint, source, origin: tree.origin, keys })
    if (!verdict.ok) return verdict.defect
    if (verdict.tree.size <= size) trees.push(verdict.tree)
    else if (source !== 'memory' || next?.predecessor !== checkpoint)
      return { kind: 'log_set_back', size, known: verdict.tree.size, source }
  }
  return [...trees, latest.tree].toSorted((one, other) => one.size - other.size)
}
