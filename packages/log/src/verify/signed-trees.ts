import type { Database } from '@steptrail/core'
import {
  type CheckpointSource,
  type CheckpointVerdict,
  type Defect,
  keyOfType,
  parseCheckpoint,
  type SignedTree,
  type VerifierKey,
  verifyCheckpoint,
  vkeyOf,
} from '@steptrail/verify'
import { allRemembered, type OutsideMemory } from '../memory/outside-memory.ts'
import type { TreeState } from '../tree/tree-state.ts'
import type { LogAndNext } from './around-the-log.ts'

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
  const { rows } = await database.query<{ checkpoint: string | null }>(
    'select checkpoint from log_checkpoints where log_id = $1 order by tree_size',
    [logId],
  )
  const remembered = memory ? await allRemembered(memory, origin) : []
  return [
    ...rows.map(({ checkpoint }) => ({ checkpoint: checkpoint ?? '', source: 'history' as const })),
    ...remembered.map((checkpoint) => ({ checkpoint, source: 'memory' as const })),
  ]
}

/** What signed trees are compared with and checked by. */
export interface Trust {
  readonly latest: Extract<CheckpointVerdict, { ok: true }>
  /** Keys that are trusted. */
  readonly trusted: readonly VerifierKey[]
  /** Keys that the database names: what they signed has to fit, and is not believed. */
  readonly known: readonly VerifierKey[]
}

/** A tree that was signed, and when, by the word of a key that is trusted; null where none says. */
export interface DatedTree extends SignedTree {
  readonly time: number | null
}

/** Every tree that was signed, the smallest first, or what is wrong with one of the checkpoints. */
export async function signedTrees(
  { tree, next, earlier }: LogAndNext & { readonly earlier: readonly EarlierCheckpoint[] },
  { latest, trusted, known }: Trust,
): Promise<readonly DatedTree[] | Defect> {
  const { size } = latest.checkpoint
  const keys = [...trusted, ...known]
  const isTrusted = new Set(trusted.map((key) => vkeyOf(keyOfType(key, 'ed25519'))))
  const dated = ({ checkpoint, signedBy }: Trust['latest'], source: CheckpointSource): DatedTree => {
    const own = signedBy.filter(({ key }) => isTrusted.has(vkeyOf(keyOfType(key, 'ed25519'))))
    const { time = null } = own.find((one) => one.time !== null) ?? {}
    return { size: checkpoint.size, root: checkpoint.root, source, time }
  }
  const trees: DatedTree[] = []
  for (const { checkpoint, source } of earlier) {
    const verdict = await verifyCheckpoint({ checkpoint, source, origin: tree.origin, keys })
    if (!verdict.ok) return verdict.defect
    const { size: covered } = verdict.checkpoint
    if (covered <= size) trees.push(dated(verdict, source))
    else if (source !== 'memory' || !isNamedBy(next, { checkpoint, size: covered }))
      return { kind: 'log_set_back', size, known: covered, source }
  }
  return [...trees, dated(latest, 'latest')].toSorted((one, other) => one.size - other.size)
}

/** Whether the log that took the place names this checkpoint, or, of several that are remembered, a larger one. */
function isNamedBy(
  next: TreeState | null,
  { checkpoint, size }: { readonly checkpoint: string; readonly size: number },
): boolean {
  if (!next?.predecessor || next.predecessor === checkpoint) return next?.predecessor === checkpoint
  return (parseCheckpoint(next.predecessor)?.checkpoint.size ?? 0) > size
}
