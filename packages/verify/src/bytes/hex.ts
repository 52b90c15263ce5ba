const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Bytes as lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += digits[byte] as string
  return text
}

/** The bytes of lower-case hexadecimal digits; null for any other text. */
export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return null
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  )
}

/** Whether a value is a UUID in its text form with lower-case digits. */
export const isUuid = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)

/** The 16 bytes of a UUID in its text form with lower-case digits; null for any other text. */
export const bytesOfUuid = (text: string): Uint8Array<ArrayBuffer> | null =>
  isUuid(text) ? bytesOfHex(text.replaceAll('-', '')) : null

/** 16 bytes in the text form of UUIDs. */
export function uuidOfBytes(bytes: Uint8Array): string {
  const hex = hexOf(bytes)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
