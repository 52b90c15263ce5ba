import { base64Of, bytesOfBase64 } from '../bytes/base64.ts'

/** That an entry is in a log, as C2SP tlog-proof has it: verified offline with the keys of the log. */
export interface TlogProof {
  readonly index: number
  /** From the leaf's sibling up. */
  readonly hashes: readonly Uint8Array[]
  /** The signed checkpoint. */
  readonly checkpoint: string
}

const firstLine = 'c2sp.org/tlog-proof@v1'

/** The proof as text. */
export const tlogProofText = ({ index, hashes, checkpoint }: TlogProof): string =>
  [firstLine, `index ${index}`, ...hashes.map(base64Of), '', checkpoint].join('\n')

/** Reads a proof; null when it is none. Lines `extra` are passed over: nobody vouches for them. */
export function parseTlogProof(text: string): TlogProof | null {
  const end = text.indexOf('\n\n')
  if (end < 0) return null
  const [first, ...lines] = text.slice(0, end).split('\n')
  if (lines[0]?.startsWith('extra ')) lines.shift()
  const [, indexText = ''] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? []
  const hashes = lines.map(bytesOfBase64)
  if (first !== firstLine || indexText === '' || !hashes.every((hash) => hash?.length === 32)) return null
  return {
    index: Number(indexText),
    hashes: hashes as readonly Uint8Array[],
    checkpoint: text.slice(end + 2),
  }
}
