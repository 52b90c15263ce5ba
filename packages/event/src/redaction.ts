import type { Json } from '@steptrail/verify'
import { TrailError } from './error.ts'
import {
  defaultExceptKeys,
  defaultKeyEndings,
  defaultSecretKeys,
  defaultSecretWords,
  defaultTextPatterns,
  mayHoldSecret,
} from './redaction-defaults.ts'

/** What stands in the place of a secret. */
export const redacted = '[redacted]'

/** A secret as it shows in text. */
export interface TextPattern {
  /** What it finds, for people. */
  readonly name: string
  /** Global (`g`), and linear in the length of the text: it runs over whatever is recorded. */
  readonly pattern: RegExp
  /** As `String.replace` takes it. */
  readonly replacement: string | ((match: string) => string)
}

/** What counts as a secret. Made by `createRedactionPolicy`. */
export interface RedactionPolicy {
  /** Whether the value under this key is a secret, going by the key's name. */
  isSecretKey(key: string): boolean
  /** The text with every secret in it replaced. */
  redactText(text: string): string
}

/** What a policy adds to the defaults, or takes from them. */
export interface RedactionOptions {
  /** Further secret keys: any key that contains one of these, letter case and punctuation aside, is secret. */
  readonly keys?: readonly string[]
  /** Keys that are never secret, letter case and punctuation aside. */
  readonly exceptKeys?: readonly string[]
  /** Further patterns to look for in text, after the default ones. */
  readonly patterns?: readonly TextPattern[]
}

/** Nested deeper than this, a value is replaced whole: redaction must end, whatever it is given. */
const maxDepth = 64

/**
 * The default policy with additions. A key is secret when it contains one of the secret keys (`clientSecret`,
 * `db_password_new`) or has one of the secret words as a word of its own (`user_pin`), unless its last word says
 * that the value only describes a secret (`tokenCount`, `passwordChangedAt`). Throws `invalid_configuration` for
 * a key without letters or digits, and for a pattern without the flag `g`.
 */
export function createRedactionPolicy(options: RedactionOptions = {}): RedactionPolicy {
  const ownKeys = (options.keys ?? []).map(checkedKey)
  const words = new Set<string>(defaultSecretWords)
  const endings = new Set<string>(defaultKeyEndings)
  const except = new Set([...defaultExceptKeys, ...(options.exceptKeys ?? []).map(checkedKey)])
  const ownPatterns = (options.patterns ?? []).map(checkedPattern)
  const decide = (key: string): boolean => {
    const parts = wordsOf(key)
    const whole = parts.join('')
    if (except.has(whole)) return false
    if (ownKeys.some((secret) => whole.includes(secret))) return true
    if (defaultSecretKeys.some((secret) => whole.endsWith(secret))) return true
    if (endings.has(parts.at(-1) ?? '')) return false
    return defaultSecretKeys.some((secret) => whole.includes(secret)) || parts.some((word) => words.has(word))
  }
  return {
    isSecretKey: remembering(decide),
    redactText: (text) => {
      const rest = mayHoldSecret(text) ? replaceAll(text, defaultTextPatterns) : text
      return ownPatterns.length === 0 ? rest : replaceAll(rest, ownPatterns)
    },
  }
}

const replaceAll = (text: string, patterns: readonly TextPattern[]): string =>
  patterns.reduce((rest, { pattern, replacement }) => rest.replace(pattern, replacement as string), text)

/** The policy of who configures nothing. */
export const defaultRedaction: RedactionPolicy = createRedactionPolicy()

/**
 * A copy of the value without its secrets. Under a secret key, text, lists and objects are replaced whole; so is
 * a number, unless the key is a plural and the number therefore a count (`maxTokens: 512`); true, false and null
 * stay. All other text loses what the policy's patterns find. Pure: the value given is left as it is, the same
 * value gives the same copy, and a copy's copy is the copy.
 */
export function redact(value: Json, policy: RedactionPolicy): Json {
  return redactValue(value, policy, 1)
}

function redactValue(value: Json, policy: RedactionPolicy, depth: number): Json {
  if (typeof value === 'string') return policy.redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) return redacted
  if (isArray(value)) return value.map((element) => redactValue(element, policy, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      policy.isSecretKey(key) ? redactSecret(key, inner) : redactValue(inner, policy, depth + 1),
    ]),
  )
}

function redactSecret(key: string, value: Json): Json {
  if (typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number' && /s$/i.test(key)) return value
  return redacted
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value)

/** `clientSecret`, `client_secret`, `Client-Secret` → client, secret; `APIKey` → api, key. */
const wordsOf = (key: string): readonly string[] =>
  (key.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|\p{N}+/gu) ?? []).map((word) =>
    word.toLowerCase(),
  )

function checkedKey(key: string): string {
  const whole = wordsOf(key).join('')
  if (whole !== '') return whole
  throw new TrailError(
    'invalid_configuration',
    `redaction key ${JSON.stringify(key)} names no key: give letters or digits`,
  )
}

function checkedPattern(pattern: TextPattern): TextPattern {
  if (pattern.pattern.global) return pattern
  throw new TrailError(
    'invalid_configuration',
    `redaction pattern "${pattern.name}" (${pattern.pattern}) finds only the first secret: give it the flag g`,
  )
}

/** The same answers, remembered for the first thousand keys: events repeat their keys. */
function remembering(decide: (key: string) => boolean): (key: string) => boolean {
  const known = new Map<string, boolean>()
  return (key) => {
    const remembered = known.get(key)
    if (remembered !== undefined) return remembered
    const answer = decide(key)
    if (known.size < 1000) known.set(key, answer)
    return answer
  }
}
