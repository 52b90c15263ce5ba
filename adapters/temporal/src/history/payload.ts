import { canonicalJson, hexOf, type Json, sha256, utf8 } from '@steptrail/verify'
import type { Payload } from './event-attributes.ts'

type Payloads = { readonly payloads?: readonly Payload[] | null | undefined } | null | undefined

/** SHA-256 of values as Temporal stores them, in hex; null where there are none. What they say stays in Temporal. */
export function digestOfPayloads(stored: Payloads): string | null {
  const { payloads } = stored ?? {}
  if (!payloads || payloads.length === 0) return null
  return hexOf(
    sha256(
      utf8(
        canonicalJson(payloads.map(({ metadata, data }) => ({ metadata: metadata ?? {}, data: data ?? '' }))),
      ),
    ),
  )
}

/** What is on record of a result. */
export function resultOf(stored: Payloads): Json {
  const digest = digestOfPayloads(stored)
  const bytes = (stored?.payloads ?? []).reduce(
    (sum, { data }) => sum + Buffer.byteLength(data ?? '', 'base64'),
    0,
  )
  return digest === null ? null : { sha256: digest, bytes }
}

/** The value of a payload that is plain JSON; undefined for one that is not, or that a codec has encrypted. */
export function jsonOfPayload(payload: Payload | null | undefined): unknown {
  const encoding = Buffer.from(payload?.metadata?.['encoding'] ?? '', 'base64').toString('utf8')
  if (encoding !== 'json/plain') return undefined
  try {
    return JSON.parse(Buffer.from(payload?.data ?? '', 'base64').toString('utf8'))
  } catch {
    // It says that it is JSON and is not: a value that nobody can read is none.
    return undefined
  }
}
