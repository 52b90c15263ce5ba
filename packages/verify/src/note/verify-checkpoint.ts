import type { CheckpointSource, Defect } from '../defect.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import { type SignedBy, verifyNote } from './signed-note.ts'
import { keysOfLog, type VerifierKey } from './verifier-key.ts'

/** A checkpoint to look at. */
export interface CheckpointToVerify {
  /** As a signed note. */
  readonly checkpoint: string
  /** Where it comes from, for the defect. */
  readonly source: CheckpointSource
  /** The log that it has to be of; whichever it names unless given. */
  readonly origin?: string | undefined
  /** Those that are trusted; each counts for the log that it is named after, plainly and with a time. */
  readonly keys: readonly VerifierKey[]
}

/** A checkpoint that is what it says and who signed it, or what is wrong with it. */
export type CheckpointVerdict =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly signedBy: readonly SignedBy[] }
  | { readonly ok: false; readonly defect: Defect }

/** Reads a checkpoint of a log and verifies that one of the keys signed it. A log signs by its own name alone. */
export async function verifyCheckpoint(given: CheckpointToVerify): Promise<CheckpointVerdict> {
  const { source, keys } = given
  const parsed = parseCheckpoint(given.checkpoint)
  const { origin = parsed?.checkpoint.origin } = given
  if (parsed === null || parsed.checkpoint.origin !== origin)
    return { ok: false, defect: { kind: 'checkpoint_unreadable', source } }
  const { checkpoint, note } = parsed
  const own = keys.filter(({ name }) => name === origin)
  const verdict = await verifyNote(note, own.flatMap(keysOfLog))
  if (verdict.ok) return { ok: true, checkpoint, signedBy: verdict.signedBy }
  const kind = verdict.problem === 'bad_signature' ? 'signature_invalid' : 'key_unknown'
  return { ok: false, defect: { kind, size: checkpoint.size, source } }
}
