import { concatBytes } from '../bytes/bytes.ts'
import type { Sha256 } from './sha256.ts'

/** HMAC-SHA256 (RFC 2104). The key has at most 64 bytes; ours have 16. */
export function hmacSha256(key: Uint8Array, message: Uint8Array, sha256: Sha256): Uint8Array {
  const inner = sha256(concatBytes(padded(key, 0x36), message))
  return sha256(concatBytes(padded(key, 0x5c), inner))
}

function padded(key: Uint8Array, byte: number): Uint8Array {
  if (key.length > 64) throw new RangeError(`a key of ${key.length} bytes: give one of at most 64`)
  const block = new Uint8Array(64).fill(byte)
  key.forEach((value, index) => (block[index] = value ^ byte))
  return block
}
