import { crc32 } from 'node:zlib'
import type { OutgoingEvent } from '../../outgoing-event.ts'

/**
 * What each record begins with. Neither byte FF nor FE occurs in UTF-8, so a text never looks like the beginning of a
 * record.
 */
export const marker: Readonly<Uint8Array> = Buffer.from([0xff, 0x53, 0x54, 0xfe])

/** The marker, the checksum, and the length of what follows. */
const recordHeaderBytes = 12

const checksumAt = 4
const lengthAt = 8
const idBytes = 16

/** Events as records, one after the other; `docs/reference/spool-format.md` describes the bytes. */
export function encodeRecords(events: readonly OutgoingEvent[]): Buffer {
  const lengths = events.map(({ json }) => idBytes + Buffer.byteLength(json))
  const total = lengths.reduce((sum, length) => sum + recordHeaderBytes + length, 0)
  const bytes = Buffer.allocUnsafe(total)
  let offset = 0
  for (const [index, event] of events.entries()) {
    const length = lengths[index] ?? 0
    writeRecord(bytes.subarray(offset, offset + recordHeaderBytes + length), event)
    offset += recordHeaderBytes + length
  }
  return bytes
}

function writeRecord(record: Buffer, { id, json }: OutgoingEvent): void {
  record.set(marker, 0)
  record.writeUInt32LE(record.length - recordHeaderBytes, lengthAt)
  record.write(id.replaceAll('-', ''), recordHeaderBytes, 'hex')
  record.write(json, recordHeaderBytes + idBytes, 'utf8')
  record.writeUInt32LE(crc32(record.subarray(lengthAt)), checksumAt)
}

/** What is at an offset: a whole record and where it ends, one that goes beyond the end of the bytes, or neither. */
export type RecordAt =
  | { readonly kind: 'whole'; readonly event: OutgoingEvent; readonly end: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'damaged' }

/** Reads the record that begins at `offset`. Never throws. */
export function recordAt(bytes: Buffer, offset: number): RecordAt {
  const payloadAt = offset + recordHeaderBytes
  if (payloadAt > bytes.length) return { kind: beginsAsRecord(bytes.subarray(offset)) ? 'cut' : 'damaged' }
  if (bytes.readUInt32BE(offset) !== markerNumber) return { kind: 'damaged' }
  const length = bytes.readUInt32LE(offset + lengthAt)
  const end = payloadAt + length
  if (end > bytes.length) return { kind: 'cut' }
  if (length < idBytes) return { kind: 'damaged' }
  if (crc32(bytes.subarray(offset + lengthAt, end)) !== bytes.readUInt32LE(offset + checksumAt))
    return { kind: 'damaged' }
  const event = {
    id: uuidAt(bytes, payloadAt),
    timestampMs: bytes.readUIntBE(payloadAt, 6),
    json: bytes.toString('utf8', payloadAt + idBytes, end),
  }
  return { kind: 'whole', event, end }
}

const markerNumber = 0xff5354fe

const beginsAsRecord = (rest: Buffer): boolean => {
  const beginning = rest.subarray(0, marker.length)
  return beginning.equals(marker.subarray(0, beginning.length))
}

function uuidAt(bytes: Buffer, offset: number): string {
  const hex = bytes.toString('hex', offset, offset + idBytes)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
