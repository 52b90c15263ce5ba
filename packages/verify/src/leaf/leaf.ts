import { concatBytes, utf8 } from '../bytes/bytes.ts'
import { bytesOfUuid, hexOf, uuidOfBytes } from '../bytes/hex.ts'
import { canonicalJson, type Json } from '../canonical-json.ts'
import { hmacSha256 } from '../hash/hmac.ts'
import type { Sha256 } from '../hash/sha256.ts'
import { bodyColumns, envelopeColumns, type SealedRecord } from './sealed-record.ts'

/** The version of the form that `spec/leaf.md` fixes. */
export const leafVersion = 1

/** What the log holds of an event: two commitments. */
export interface Commitments {
  /** 64 hexadecimal digits. */
  readonly envelope: string
  /** 64 hexadecimal digits. */
  readonly body: string
}

/**
 * The commitments to an event. Throws a `CanonicalJsonError` for what is no JSON, and a `RangeError` for a salt that
 * is no UUID.
 */
export function commitmentsOf(record: SealedRecord, sha256: Sha256): Commitments {
  if (record.body === null)
    return {
      envelope: commitment(keyBytes(record.envelopeKey), columnsText(record.envelope, envelopeOrder), sha256),
      body: record.bodyHash,
    }
  const salt = keyBytes(record.salt)
  return {
    envelope: commitment(
      keyOf(salt, 'envelope', sha256),
      columnsText(record.envelope, envelopeOrder),
      sha256,
    ),
    body: commitment(keyOf(salt, 'body', sha256), columnsText(record.body, bodyOrder), sha256),
  }
}

/** The log entry of these commitments: its bytes are what the tree hashes. */
export const entryOf = ({ envelope, body }: Commitments): Uint8Array =>
  utf8(`{"body":"${body}","envelope":"${envelope}","v":${leafVersion}}`)

/** The key that stays when the salt is erased, in the form of a UUID. */
export const envelopeKeyOf = (salt: string, sha256: Sha256): string =>
  uuidOfBytes(keyOf(keyBytes(salt), 'envelope', sha256))

function keyOf(salt: Uint8Array, label: 'envelope' | 'body', sha256: Sha256): Uint8Array {
  return hmacSha256(salt, utf8(label), sha256).subarray(0, 16)
}

function keyBytes(uuid: string): Uint8Array {
  const bytes = bytesOfUuid(uuid)
  if (bytes === null) throw new RangeError(`${JSON.stringify(uuid)} is not a UUID in lower case`)
  return bytes
}

const commitment = (key: Uint8Array, text: string, sha256: Sha256): string =>
  hexOf(sha256(concatBytes(key, utf8(text))))

const envelopeOrder = envelopeColumns.toSorted()
const bodyOrder = bodyColumns.toSorted()

/** Canonical JSON of these columns of an object, and of no others. */
function columnsText<Column extends string>(
  record: Readonly<Record<Column, Json>>,
  columns: readonly Column[],
): string {
  return `{${columns.map((column) => `"${column}":${valueText(record[column])}`).join(',')}}`
}

const valueText = (value: Json): string => (value === null ? 'null' : canonicalJson(value))
