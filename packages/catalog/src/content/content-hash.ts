import { createHash } from 'node:crypto'
import { sha256 } from '@steptrail/core'
import { canonicalJson, type Json } from '@steptrail/verify'

/** `sha256:` and the SHA-256 of the canonical JSON of a content. */
export const contentHash = (content: object): string => `sha256:${sha256(canonicalJson(content as Json))}`

/** The namespace of the catalogue's ids: the UUIDv5 of `steptrail.catalog` in the namespace of domain names. */
const namespace = 'ed82ddaa-cc0c-5bad-92ac-48106751b375'

/** The UUIDv5 (RFC 9562) of a content hash: the same content has the same id in every database. */
export function workflowIdOf(hash: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(hash, 'utf8')
    .digest()
    .subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
