import { problemOfText } from './storable-text.ts'

/**
 * The text as JSON, the same as `JSON.stringify` makes of it; undefined for text that PostgreSQL would not give back
 * as it was (see `problemOfText`).
 */
export function quotedText(text: string): string | undefined {
  const { length } = text
  if (length > shortLength) return special.test(text) ? escapedText(text) : `"${text}"`
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code === quote || code === backslash || code >= firstSurrogate)
      return escapedText(text)
  }
  return `"${text}"`
}

/** Whether PostgreSQL gives the text back as it is: what `problemOfText` says, sooner. */
export function isStorable(text: string): boolean {
  const { length } = text
  if (length > shortLength) return problemOfText(text) === null
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0 || code >= firstSurrogate) return problemOfText(text) === null
  }
  return true
}

const shortLength = 48
const quote = 0x22
const backslash = 0x5c
const firstSurrogate = 0xd800
// eslint-disable-next-line no-control-regex -- control characters are what JSON escapes
const special = /[\u0000-\u001f"\\\ud800-\udfff]/

const escapedText = (text: string): string | undefined =>
  problemOfText(text) === null ? JSON.stringify(text) : undefined
