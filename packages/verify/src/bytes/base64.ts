/** Bytes in standard base64 (RFC 4648, section 4), with padding. */
export function base64Of(bytes: Uint8Array): string {
  let characters = ''
  for (let start = 0; start < bytes.length; start += chunk)
    characters += String.fromCharCode(...bytes.subarray(start, start + chunk))
  return btoa(characters)
}

/** The bytes of standard base64 with padding; null for any other text, also for one that is not canonical. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index)
  // Only the last four characters can hold bits that belong to no byte.
  const last = bytes.subarray(Math.max(0, Math.ceil(bytes.length / 3) - 1) * 3)
  return base64Of(last) === text.slice(-4) ? bytes : null
}

const chunk = 4096
