import { hash } from 'node:crypto'
import { parseTimestamptz, type TextsRow } from '@steptrail/core'
import { canonicalDetails } from './canonical-details.ts'
import { bodyTexts, envelopeTexts, leafPlaces, type LeafText, type TextKind } from './leaf-texts.ts'

/**
 * Makes leaf hashes of rows as `leafTexts` selects them: what `commitmentsOf`, `entryOf` and the hash of RFC 6962 give,
 * by Node's SHA-256 over buffers that are used again for each row, without a value for each column.
 */
export class LeafHasher {
  readonly #entry = entryBytes()
  readonly #key = new SaltKey()
  #part = Buffer.alloc(1 << 12)

  /**
   * The leaf hash of a row. Throws a `RangeError` for a salt that is no UUID.
   *
   * @param bodyHash the commitment to a body that was erased; null where the event is whole
   */
  leafHash(row: TextsRow, bodyHash: string | null = null): Buffer {
    const salt = String(row[leafPlaces.salt])
    this.#key.set(salt)
    const envelopeKey = bodyHash === null ? this.#key.of('envelope') : this.#key.itself()
    const envelope = this.#commitment(envelopeKey, textOf(envelopeTexts, row))
    const body = bodyHash ?? this.#commitment(this.#key.of('body'), textOf(bodyTexts, row))
    this.#entry.write(body, bodyAt, 64, 'latin1')
    this.#entry.write(envelope, envelopeAt, 64, 'latin1')
    return Buffer.from(hash('sha256', this.#entry, 'binary'), 'binary')
  }

  #commitment(key: string, text: string): string {
    if (this.#part.length < 16 + 3 * text.length) this.#part = Buffer.alloc(16 + 6 * text.length)
    this.#part.write(key, 0, 16, 'latin1')
    const written = this.#part.write(text, 16, 'utf8')
    return hash('sha256', this.#part.subarray(0, 16 + written), 'hex')
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

  set(salt: string): void {
    if (!isSalt(salt)) throw new RangeError(`${JSON.stringify(salt)} is not a UUID in lower case`)
    this.#bytes.write(salt.replaceAll('-', ''), 'hex')
    for (let place = 0; place < 16; place++) {
      const byte = this.#bytes[place] as number
      this.#inner.envelope[place] = byte ^ 0x36
      this.#inner.body[place] = byte ^ 0x36
      this.#outer[place] = byte ^ 0x5c
    }
  }

  /** A character for each byte; the key is the first 16. */
  of(label: 'envelope' | 'body'): string {
    this.#outer.write(hash('sha256', this.#inner[label], 'binary'), 64, 32, 'latin1')
    return hash('sha256', this.#outer, 'binary')
  }

  /** The salt's own bytes as a key: those of an erased event. */
  itself(): string {
    return this.#bytes.toString('latin1')
  }
}

/** Whether a text is a UUID in lower case, as salts are. */
export const isSalt = (text: string): boolean => uuid.test(text)

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const innerBlock = (label: string): Buffer => {
  const block = Buffer.alloc(64 + label.length, 0x36)
  block.write(label, 64, 'latin1')
  return block
}

/** The canonical JSON of these columns. */
function textOf(columns: readonly LeafText[], row: TextsRow): string {
  let text = ''
  for (const { name, kind, place } of columns) {
    const value = row[place] as string | null
    text += `${text === '' ? '{' : ','}"${name}":${value === null ? 'null' : valueText(kind, value)}`
  }
  return `${text}}`
}

function valueText(kind: TextKind, value: string): string {
  switch (kind) {
    case 'text':
      return quoted(value)
    case 'number':
      return shortWhole.test(value) ? value : longWhole(value)
    case 'instant':
      return quoted(parseTimestamptz(value))
    case 'details':
      return canonicalDetails(value)
  }
}

const shortWhole = /^(?:0|-?[1-9]\d{0,14})$/

/** A number where JavaScript has it exactly, else a string of its digits. */
const longWhole = (digits: string): string =>
  Number.isSafeInteger(Number(digits)) ? String(Number(digits)) : JSON.stringify(digits)

/** What JSON escapes; what comes from a database in UTF-8 has no lone surrogates. */
// oxlint-disable-next-line no-control-regex -- control characters are what JSON escapes
const escaped = /["\\\u0000-\u001f]/

const quoted = (text: string): string => (escaped.test(text) ? JSON.stringify(text) : `"${text}"`)
