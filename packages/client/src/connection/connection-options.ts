import { TrailError } from '@steptrail/event'

/** How to reach a server. */
export interface ConnectionOptions {
  /** Where the server is, such as `https://trail.example.com`; it may be below a path. */
  readonly url: string
  /** A key, or a token of the issuer; a function is asked before each request, for what is renewed. Default: none. */
  readonly apiKey?: string | (() => string | Promise<string>) | undefined
  /** How long an answer may take, in whole milliseconds from 1 to 600,000. Of what is streamed: its beginning. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** What carries requests. Default: the `fetch` there is. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
}

/** The address without what is behind it, and without a slash at its end. Throws `invalid_configuration`. */
export function baseUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url && (url.username !== '' || url.password !== ''))
    throw refused('url', 'holds a user or a password: give a key as apiKey')
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw refused(
      'url',
      `(${JSON.stringify(given)}) is no http or https address: give one such as https://trail.example.com`,
    )
  if (url.search !== '' || url.hash !== '') throw refused('url', 'has a query or a fragment: leave it out')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** The time limit, or its default. Throws `invalid_configuration`. */
export function checkedTimeout(timeoutMs = 30_000): number {
  if (Number.isSafeInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= 600_000) return timeoutMs
  throw refused('timeoutMs', `(${timeoutMs}) is no whole number from 1 to 600000`)
}

/**
 * A key or a token as the header holds it, without white space around it. Throws `invalid_configuration`, which does not hold
 * it, for one that a header cannot: what carries requests would name it in its error.
 */
export function checkedKey(given: string): string {
  const key = given.trim()
  if (/^[\x21-\x7e]+$/.test(key)) return key
  throw refused('apiKey', 'is empty or holds what no key does, as a line break: give it as it was made')
}

const refused = (option: string, problem: string): TrailError =>
  new TrailError('invalid_configuration', `${option} ${problem}`, { details: { option } })
