import { base64Of, bytesOfBase64 } from '../bytes/base64.ts'
import { parseNote, type SignedNote } from './signed-note.ts'

/** A log's size and root, as C2SP tlog-checkpoint has them. */
export interface Checkpoint {
  /** Names the log. */
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  /** Further lines: of ours, `handover` has one. */
  readonly extensions: readonly string[]
}

/** The text of a checkpoint, to be signed. */
export const checkpointText = ({
  origin,
  size,
  root,
  extensions = [],
}: Omit<Checkpoint, 'extensions'> & Partial<Checkpoint>): string =>
  [origin, size, base64Of(root), ...extensions].map((line) => `${line}\n`).join('')

/** Reads the text of a checkpoint; null when it is none. */
export function parseCheckpointText(text: string): Checkpoint | null {
  if (!text.endsWith('\n')) return null
  const [origin = '', sizeText = '', rootText = '', ...extensions] = text.slice(0, -1).split('\n')
  const size = /^(?:0|[1-9]\d{0,15})$/.test(sizeText) ? Number(sizeText) : Number.NaN
  const root = bytesOfBase64(rootText)
  if (origin === '' || !Number.isSafeInteger(size) || root?.length !== 32) return null
  return extensions.includes('') ? null : { origin, size, root, extensions }
}

/** Reads a signed checkpoint; null when it is none. Its signatures are still to be verified, by `verifyNote`. */
export function parseCheckpoint(
  note: string,
): { readonly checkpoint: Checkpoint; readonly note: SignedNote } | null {
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpointText(parsed.text)
  return checkpoint ? { checkpoint, note: parsed } : null
}
