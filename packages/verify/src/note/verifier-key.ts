import { concatBytes, utf8 } from '../bytes/bytes.ts'
import { base64Of, bytesOfBase64 } from '../bytes/base64.ts'
import { bytesOfHex, hexOf } from '../bytes/hex.ts'
import { sha256 } from '../hash/sha256.ts'

/** The types of signatures we make and read: of C2SP signed-note, and of its tlog-cosignature (with a time). */
const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const
export type SignatureType = keyof typeof signatureTypes

/** A public key as C2SP signed-note names it. */
export interface VerifierKey {
  readonly name: string
  readonly type: SignatureType
  /** The 32 bytes of an Ed25519 public key. */
  readonly publicKey: Uint8Array<ArrayBuffer>
}

/** Whether C2SP signed-note allows a name: what has spaces or a plus cannot be read again. */
export const isKeyName = (name: string): boolean => /^[^+\s\p{Cc}]+$/u.test(name) && name.isWellFormed()

/** The first four bytes of SHA-256 over name, type and key: what a signature names its key by. */
export function keyIdOf({ name, type, publicKey }: VerifierKey): Uint8Array {
  const material = concatBytes(utf8(`${name}\n`), Uint8Array.of(signatureTypes[type]), publicKey)
  return sha256(material).subarray(0, 4)
}

/** The key as one line of text, `name+id+key`: a vkey. */
export function vkeyOf(key: VerifierKey): string {
  const material = concatBytes(Uint8Array.of(signatureTypes[key.type]), key.publicKey)
  return `${key.name}+${hexOf(keyIdOf(key))}+${base64Of(material)}`
}

/** The key that a vkey stands for; null when it is none of a type of ours, or its id is not its own. */
export function parseVkey(vkey: string): VerifierKey | null {
  const [, name = '', id = '', encoded = ''] =
    /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(vkey) ?? []
  const material = bytesOfBase64(encoded)
  if (name === '' || material?.length !== 33) return null
  const type = typeOf(material[0])
  if (type === null) return null
  const key = { name, type, publicKey: material.slice(1) }
  return hexOf(keyIdOf(key)) === hexOf(bytesOfHex(id) ?? new Uint8Array()) ? key : null
}

/** The same public key for the signatures of another type. */
export const keyOfType = (key: VerifierKey, type: SignatureType): VerifierKey => ({ ...key, type })

/** The same public key for the signatures of both types: whoever signs a log does so plainly and with the time. */
export const keysOfLog = (key: VerifierKey): readonly VerifierKey[] => [
  keyOfType(key, 'ed25519'),
  keyOfType(key, 'cosignature'),
]

function typeOf(byte: number | undefined): SignatureType | null {
  if (byte === signatureTypes.ed25519) return 'ed25519'
  return byte === signatureTypes.cosignature ? 'cosignature' : null
}
