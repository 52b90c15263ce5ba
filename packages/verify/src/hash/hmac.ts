import type { Sha256 } from './sha256.ts'

/** HMAC-SHA256 (RFC 2104). The key has at most 64 bytes; ours have 16. */
export function hmacSha256(key: Uint8Array, message: Uint8Array, sha256: Sha256): Uint8Array {
  if (key.length > 64) throw new RangeError(`a key of ${key.length} bytes: give one of at most 64`)
  const inner = new Uint8Array(64 + message.length)
  const outer = new Uint8Array(64 + 32)
  inner.fill(0x36, 0, 64)
  outer.fill(0x5c, 0, 64)
  for (let index = 0; index < key.length; index++) {
    const byte = key[index] as number
    inner[index] = byte ^ 0x36
    outer[index] = byte ^ 0x5c
  }
  inner.set(message, 64)
  outer.set(sha256(inner), 64)
  return sha256(outer)
}
