import { hash } from 'node:crypto'
import type { BinaryRow } from '@steptrail/core'
import { CanonicalBytes } from './canonical-bytes.ts'
import { bodyMembers, envelopeMembers, type LeafMember, leafPlaces } from './leaf-members.ts'

/**
 * Makes leaf hashes of rows as `leafValues` selects them: what `commitmentsOf`, `entryOf` and the hash of RFC 6962 give,
 * by Node's SHA-256 over buffers that are used again for each row, without a value for each column.
 */
export class LeafHasher {
  readonly #entry = entryBytes()
  readonly #key = new SaltKey()
  readonly #part = new CanonicalBytes()

  /**
   * The leaf hash of a row. Throws a `RangeError` for a row without a salt.
   *
   * @param bodyHash the commitment to a body that was erased; null where the event is whole
   */
  leafHash(row: BinaryRow, bodyHash: string | null = null): Buffer {
    if (!hasSalt(row)) throw new RangeError(`event ${row.uuid(leafPlaces.id)} has no salt`)
    this.#key.set(row.bytes, row.starts[leafPlaces.salt] as number)
    const envelopeKey = bodyHash === null ? this.#key.of('envelope') : this.#key.itself()
    const envelope = this.#commitment(envelopeKey, row, envelopeMembers)
    const body = bodyHash ?? this.#commitment(this.#key.of('body'), row, bodyMembers)
    this.#entry.write(body, bodyAt, 64, 'latin1')
    this.#entry.write(envelope, envelopeAt, 64, 'latin1')
    return Buffer.from(hash('sha256', this.#entry, 'binary'), 'binary')
  }

  #commitment(key: string, row: BinaryRow, members: readonly LeafMember[]): string {
    this.#part.clear()
    this.#part.characters(key.slice(0, 16))
    this.#part.object(row, members)
    return hash('sha256', this.#part.written, 'hex')
  }
}

const [beforeBody, beforeEnvelope] = ['\0{"body":"', '","envelope":"']
const bodyAt = beforeBody.length
const envelopeAt = bodyAt + 64 + beforeEnvelope.length

/** The entry after the byte 0 of its leaf, with room for the two commitments. */
const entryBytes = (): Buffer =>
  Buffer.from(`${beforeBody}${'0'.repeat(64)}${beforeEnvelope}${'0'.repeat(64)}","v":1}`, 'latin1')

/** The keys that come from a salt: HMAC-SHA256 (RFC 2104) with room for one message of each label. */
class SaltKey {
  readonly #inner = { envelope: innerBlock('envelope'), body: innerBlock('body') }
  readonly #outer = Buffer.alloc(64 + 32, 0x5c)
  readonly #bytes = Buffer.alloc(16)

  /** The salt that lies there. */
  set(from: Uint8Array, start: number): void {
    const { envelope, body } = this.#inner
    for (let place = 0; place < 16; place++) {
      const byte = from[start + place] as number
      this.#bytes[place] = byte
      envelope[place] = byte ^ 0x36
      body[place] = byte ^ 0x36
      this.#outer[place] = byte ^ 0x5c
    }
  }

  /** A character for each byte; the key is the first 16. */
  of(label: 'envelope' | 'body'): string {
    const inner = hash('sha256', this.#inner[label], 'binary')
    for (let place = 0; place < 32; place++) this.#outer[64 + place] = inner.charCodeAt(place)
    return hash('sha256', this.#outer, 'binary')
  }

  /** The salt's own bytes as a key: those of an erased event. */
  itself(): string {
    return this.#bytes.toString('latin1')
  }
}

/** Whether a row has its salt, a UUID. */
export const hasSalt = (row: BinaryRow): boolean => row.lengths[leafPlaces.salt] === 16

const innerBlock = (label: string): Buffer => {
  const block = Buffer.alloc(64 + label.length, 0x36)
  block.write(label, 64, 'latin1')
  return block
}
