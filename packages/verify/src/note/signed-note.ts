import { concatBytes, equalBytes, utf8, uint64 } from '../bytes/bytes.ts'
import { base64Of, bytesOfBase64 } from '../bytes/base64.ts'
import { keyIdOf, type VerifierKey } from './verifier-key.ts'

/** A text and who signed it, as C2SP signed-note has it. */
export interface SignedNote {
  /** Ends in a newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** One line of signature. */
export interface NoteSignature {
  readonly name: string
  /** Four bytes. */
  readonly keyId: Uint8Array
  readonly signature: Uint8Array<ArrayBuffer>
}

/** What became of a note: whose signatures hold, or what is wrong with it. */
export type NoteVerdict =
  | { readonly ok: true; readonly signedBy: readonly SignedBy[] }
  | { readonly ok: false; readonly problem: 'no_known_key' | 'bad_signature'; readonly name: string | null }

/** A key whose signature holds. */
export interface SignedBy {
  readonly key: VerifierKey
  /** Seconds since 1970 that a cosignature states; null for a signature that states none. */
  readonly time: number | null
}

/** More than anybody signs a note with; the specification asks for at least 16. */
const maxSignatures = 64

/** Reads a note. Null for a text that is none. Says nothing yet about its signatures: see `verifyNote`. */
export function parseNote(note: string): SignedNote | null {
  const end = note.lastIndexOf('\n\n')
  // Control characters are what the specification forbids.
  // oxlint-disable-next-line no-control-regex
  if (end < 0 || !note.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.isWellFormed())
    return null
  const lines = note.slice(end + 2, -1).split('\n')
  const signatures = lines.map(parseSignature)
  if (signatures.length > maxSignatures || !signatures.every((line) => line !== null)) return null
  return { text: note.slice(0, end + 1), signatures }
}

function parseSignature(line: string): NoteSignature | null {
  const [, name = '', encoded = ''] = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? []
  const bytes = bytesOfBase64(encoded)
  if (name === '' || bytes === null || bytes.length < 5) return null
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) }
}

/** The note as text. */
export const noteText = ({ text, signatures }: SignedNote): string =>
  `${text}\n${signatures.map(signatureLine).join('')}`

/** One line of signature, with its newline. */
export const signatureLine = ({ name, keyId, signature }: NoteSignature): string =>
  `— ${name} ${base64Of(concatBytes(keyId, signature))}\n`

/**
 * Looks at the signatures of the keys that are given and ignores all others, as the specification wants it. One that
 * does not hold spoils the note; so does that none is there.
 */
export async function verifyNote(note: SignedNote, keys: readonly VerifierKey[]): Promise<NoteVerdict> {
  const signedBy: SignedBy[] = []
  for (const signature of note.signatures) {
    const key = keys.find((one) => isSignatureOf(one, signature))
    if (key === undefined) continue
    const time = await verifySignature(note.text, signature, key)
    if (time === undefined) return { ok: false, problem: 'bad_signature', name: key.name }
    signedBy.push({ key, time })
  }
  return signedBy.length > 0 ? { ok: true, signedBy } : { ok: false, problem: 'no_known_key', name: null }
}

/** Whether a line of signature names this key. Says nothing of whether it holds. */
export const isSignatureOf = (
  key: VerifierKey,
  { name, keyId }: Pick<NoteSignature, 'name' | 'keyId'>,
): boolean => key.name === name && equalBytes(keyIdOf(key), keyId)

/** The time that a signature states, null when it states none; undefined when it does not hold. */
async function verifySignature(
  text: string,
  { signature }: NoteSignature,
  { type, publicKey }: VerifierKey,
): Promise<number | null | undefined> {
  if (type === 'ed25519') return (await verifyEd25519(publicKey, utf8(text), signature)) ? null : undefined
  if (signature.length !== 72) return undefined
  const time = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0))
  if (time > latestTime) return undefined
  const holds = await verifyEd25519(publicKey, cosignedBytes(text, time), signature.slice(8))
  return holds ? time : undefined
}

/** In seconds since 1970, the last instant that a date in JavaScript can be: what is beyond is no time of anybody's. */
const latestTime = 8.64e12

/** What a cosignature of C2SP tlog-cosignature signs: the note's text and a time in seconds since 1970. */
export const cosignedBytes = (text: string, time: number): Uint8Array<ArrayBuffer> =>
  concatBytes(utf8(`cosignature/v1\ntime ${time}\n${text}`))

/** A cosignature's bytes: its time, then the signature. */
export const timestampedSignature = (time: number, signature: Uint8Array): Uint8Array<ArrayBuffer> =>
  concatBytes(uint64(time), signature)

async function verifyEd25519(
  publicKey: Uint8Array<ArrayBuffer>,
  message: Uint8Array,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (signature.length !== 64) return false
  const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, signature, concatBytes(message))
}
