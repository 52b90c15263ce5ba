import { TrailError } from './error.ts'

/** Fills the array with random bytes and returns it; `crypto.getRandomValues` by default. */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>

/** Makes ids from one instance's state; see `createUuidV7Generator`. */
export type UuidGenerator = (timestampMs: number) => string

const fillWithCrypto: FillRandom = (bytes) => globalThis.crypto.getRandomValues(bytes)
const maxTimestampMs = 2 ** 48 - 1
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/** A UUIDv7 (RFC 9562): its first 48 bits are `timestampMs`, the rest is random. Throws `invalid_input` for a time outside 48 bits. */
export function uuidV7(timestampMs: number, fillRandom: FillRandom = fillWithCrypto): string {
  return uuidText(timestampMs, 7, fillRandom(new Uint8Array(10)))
}

/**
 * A generator of UUIDv7. Ids of one generator and one millisecond increase, as text and as uuid: behind the time
 * stand 26 bits of a counter that starts at random in its lower half, and 48 random bits. Only for a
 * millisecond that is asked for more than 33 million times, or in turns with another, the counter starts again.
 */
export function createUuidV7Generator(fillRandom: FillRandom = fillWithCrypto): UuidGenerator {
  const pool = new Uint8Array(8000)
  let used = pool.length
  let lastMs = -1
  let time = ''
  let counter = 0
  return (timestampMs) => {
    if (used + 10 > pool.length) {
      fillRandom(pool)
      used = 0
    }
    if (timestampMs !== lastMs) {
      time = timeText(timestampMs)
      counter = startOfCounter(pool, used)
    } else counter = counter < maxCounter ? counter + 1 : startOfCounter(pool, used)
    lastMs = timestampMs
    setCounter(pool, used, counter)
    const id = time + randomText(pool, used, 7)
    used += 10
    return id
  }
}

/**
 * A UUIDv8 (RFC 9562) for ids that must come out the same each time: its first 48 bits are `timestampMs`, the
 * rest are the first ten bytes of a hash, less the six bits of version and variant. Throws `invalid_input` for
 * fewer than ten bytes or a time outside 48 bits.
 */
export function uuidV8(timestampMs: number, hash: Uint8Array): string {
  if (hash.length < 10)
    throw new TrailError(
      'invalid_input',
      `a UUIDv8 takes a hash of at least 10 bytes, got ${hash.length}: give a whole hash`,
    )
  return uuidText(timestampMs, 8, hash)
}

/** The first 48 bits of a UUID as milliseconds since 1970. Throws `invalid_input` for what is no UUID. */
export function timestampOfUuid(id: string): number {
  if (!isUuid(id))
    throw new TrailError('invalid_input', `${JSON.stringify(id)} is not a UUID: give one like ${example}`)
  return timeOf(id)
}

/** The same of what is known to be a UUID. */
export const timeOf = (id: string): number =>
  Number.parseInt(id.slice(0, 8), 16) * 0x10000 + Number.parseInt(id.slice(9, 13), 16)

/** Whether the value is a UUID in its text form, of any version, in lower or upper case. */
export const isUuid = (value: unknown): value is string =>
  typeof value === 'string' && uuidPattern.test(value)

const example = '019a4f0c-5c7b-7000-8000-000000000000'
const maxCounter = 2 ** 26 - 1

/** 25 random bits of the ten bytes from `start`, where the counter will stand. */
const startOfCounter = (bytes: Uint8Array, start: number): number =>
  ((at(bytes, start) & 0x07) << 22) |
  (at(bytes, start + 1) << 14) |
  ((at(bytes, start + 2) & 0x3f) << 8) |
  at(bytes, start + 3)

/** Writes the counter over the bits that version and variant leave free in the first four bytes. */
function setCounter(bytes: Uint8Array, start: number, counter: number): void {
  bytes[start] = counter >>> 22
  bytes[start + 1] = counter >>> 14
  bytes[start + 2] = (counter >>> 8) & 0x3f
  bytes[start + 3] = counter
}

/** Time, version and variant, and between them the ten bytes given. */
const uuidText = (timestampMs: number, version: 7 | 8, bytes: Uint8Array): string =>
  timeText(timestampMs) + randomText(bytes, 0, version)

/** The first 48 bits, with the hyphens that belong there. */
function timeText(timestampMs: number): string {
  if (!Number.isInteger(timestampMs) || timestampMs < 0 || timestampMs > maxTimestampMs)
    throw new TrailError(
      'invalid_input',
      `${timestampMs} is no time for a UUID: give whole milliseconds since 1970, at most ${maxTimestampMs}`,
    )
  const high = Math.floor(timestampMs / 0x10000)
  if (high !== highOfText) {
    highText = `${high.toString(16).padStart(8, '0')}-`
    highOfText = high
  }
  return `${highText}${hexOfByte[(timestampMs >>> 8) & 0xff]}${hexOfByte[timestampMs & 0xff]}-`
}

/** The first 32 bits as they were asked for last, which are the same for a minute. */
let highOfText = -1
let highText = ''

/** The last 80 bits: version and variant, and what they leave free of the ten bytes from `start`. */
function randomText(bytes: Uint8Array, start: number, version: 7 | 8): string {
  const hex = (index: number): string => hexOfByte[at(bytes, start + index)] as string
  const versioned = hexOfByte[(version << 4) | (at(bytes, start) & 0x0f)] as string
  const variant = hexOfByte[0x80 | (at(bytes, start + 2) & 0x3f)] as string
  const last = hex(4) + hex(5) + hex(6) + hex(7) + hex(8) + hex(9)
  return `${versioned}${hex(1)}-${variant}${hex(3)}-${last}`
}

const at = (bytes: Uint8Array, index: number): number => bytes[index] as number
