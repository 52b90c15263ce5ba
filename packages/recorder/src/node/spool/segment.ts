import { crc32 } from 'node:zlib'
import { marker, recordAt } from './record.ts'
import type { OutgoingEvent } from '../../outgoing-event.ts'

/** The version of the format that is written. */
const formatVersion = 1

/** How many bytes the header of a segment has. */
export const segmentHeaderBytes = 16

const magic = Buffer.from('STSPOOL\n')
const versionAt = 8
const checksumAt = 12

/** The header of a segment: who wrote it and in which version of the format. */
export function segmentHeader(version = formatVersion): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes)
  header.set(magic, 0)
  header.writeUInt16LE(version, versionAt)
  header.writeUInt32LE(crc32(header.subarray(0, checksumAt)), checksumAt)
  return header
}

/** An event, and where its record is in the segment. */
export interface PlacedEvent {
  readonly event: OutgoingEvent
  readonly offset: number
  /** Where the next record begins. */
  readonly end: number
}

/**
 * Bytes of a segment that are no whole record. `damaged`: they are not what was written. `torn`: the file ends in the
 * middle of a record, as it does when a process or a machine dies while it writes. `version`: a later version of the
 * format, of which nothing can be read.
 */
export interface SpoolDamage {
  readonly kind: 'damaged' | 'torn' | 'version'
  readonly offset: number
  readonly bytes: number
}

/** What there is to read in the bytes of a segment. */
export interface SegmentContent {
  readonly events: readonly PlacedEvent[]
  readonly damages: readonly SpoolDamage[]
}

/**
 * Reads the bytes of a segment from `offset`, which is 0 or where a record begins, to their end. What is damaged costs
 * its own record and no other: reading goes on at the next marker.
 */
export function readSegment(bytes: Buffer, offset = 0): SegmentContent {
  const events: PlacedEvent[] = []
  const damages: SpoolDamage[] = []
  let at = offset
  if (offset < segmentHeaderBytes) {
    const trouble = headerTrouble(bytes)
    if (trouble) damages.push(trouble)
    if (trouble?.kind === 'version') return { events, damages }
    at = segmentHeaderBytes
  }
  while (at < bytes.length) {
    const record = recordAt(bytes, at)
    if (record.kind === 'whole') {
      events.push({ event: record.event, offset: at, end: record.end })
      at = record.end
      continue
    }
    const end = nextMarker(bytes, at + 1)
    const kind = kindOfDamage(bytes.subarray(at), record.kind, end - at)
    damages.push({ kind, offset: at, bytes: end - at })
    at = end
  }
  return { events, damages }
}

function headerTrouble(bytes: Buffer): SpoolDamage | undefined {
  const header = bytes.subarray(0, segmentHeaderBytes)
  if (header.length < segmentHeaderBytes) return { kind: 'torn', offset: 0, bytes: header.length }
  const isWhole =
    header.subarray(0, magic.length).equals(magic) &&
    crc32(header.subarray(0, checksumAt)) === header.readUInt32LE(checksumAt)
  if (!isWhole) return { kind: 'damaged', offset: 0, bytes: segmentHeaderBytes }
  return header.readUInt16LE(versionAt) === formatVersion
    ? undefined
    : { kind: 'version', offset: 0, bytes: bytes.length }
}

function nextMarker(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(marker, from)
  return found === -1 ? bytes.length : found
}

/** Zeros at the end are what a file system leaves that had made room for bytes and died before it wrote them. */
function kindOfDamage(rest: Buffer, record: 'cut' | 'damaged', length: number): SpoolDamage['kind'] {
  if (length < rest.length) return 'damaged'
  return record === 'cut' || rest.every((byte) => byte === 0) ? 'torn' : 'damaged'
}
