import type { TextPattern } from './redaction.ts'

/** A key that contains one of these, letter case and punctuation aside, holds a secret. */
export const defaultSecretKeys = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'secret',
  'token',
  'authorization',
  'apikey',
  'accesskey',
  'privatekey',
  'signingkey',
  'encryptionkey',
  'credential',
  'cookie',
  'sessionid',
  'connectionstring',
  'cardnumber',
  'creditcard',
  'securitycode',
] as const

/** A key with one of these as a word of its own holds a secret. */
export const defaultSecretWords = ['pwd', 'pin', 'otp', 'cvv', 'cvc', 'jwt', 'ssn'] as const

/** A key with one of these as its last word says something about a secret, but not the secret. */
export const defaultKeyEndings = [
  'id',
  'name',
  'type',
  'kind',
  'at',
  'expiry',
  'expires',
  'ms',
  'seconds',
  'count',
  'limit',
  'length',
  'version',
  'policy',
  'status',
  'enabled',
  'required',
  'valid',
  'usage',
  'url',
  'uri',
  'endpoint',
  'file',
  'path',
  'ref',
  'reference',
  'arn',
] as const

/** Keys that look secret and are not: an attempt's token is spent once it is on record. */
export const defaultExceptKeys = ['attempttoken'] as const

/** What a secret looks like in text, whatever the key. Each is linear in the length of the text. */
export const defaultTextPatterns: readonly TextPattern[] = [
  {
    name: 'private key',
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
    replacement: '[redacted]',
  },
  {
    name: 'password in a URL or connection string',
    pattern:
      /(?<=\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/?#@]{0,255}:)(?!\d{1,5}[/?#])(?:[^\s/]{1,1000}|[^\s@]{1,1000})(?=@)/gi,
    replacement: '[redacted]',
  },
  {
    name: 'JSON web token',
    pattern: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g,
    replacement: '[redacted]',
  },
  {
    name: 'authorization header',
    pattern:
      /\b((?:proxy-)?authorization\\{0,2}["']?\s{0,3}[=:]\s{0,3}\\{0,2}["']?(?!(?:[a-z]{2,20}\s{1,3})?\[redacted)(?:[a-z]{2,20}\s{1,3})?)[^\s,;"'\\]+/gi,
    replacement: '$1[redacted]',
  },
  {
    name: 'bearer token',
    pattern: /\b(bearer\s{1,3})(?=[\w.~+/=-]{0,200}\d)[\w.~+/=-]{8,}/gi,
    replacement: '$1[redacted]',
  },
  {
    name: 'cookie header',
    pattern: /\b((?:set-)?cookie\s{0,3}:\s{0,3})(?=[^\r\n=]{1,200}=)(?!\[redacted)[^\r\n]+/gi,
    replacement: '$1[redacted]',
  },
  {
    name: 'password, secret or key with its name',
    pattern:
      /((?:password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key)\\{0,2}["']?\s{0,3}[=:]\s{0,3}|token(?:\\{0,2}["']\s{0,3}[=:]\s{0,3}|=))(?!\\{0,2}["']?\[redacted)(?:\\{0,2}"[^"]*"?|\\{0,2}'[^']*'?|[^\s,;&"')}\]]+)/gi,
    replacement: '$1[redacted]',
  },
  {
    name: 'token of a well-known form',
    pattern:
      /(?<![\w-])(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|[rs]k_(?:live|test)_\w{10,}|sk-[\w-]{20,}|AIza[\w-]{30,}|npm_\w{30,})/g,
    replacement: '[redacted]',
  },
  {
    name: 'credit card number',
    pattern: /(?<!\w|\d\.|\w-|\d )[2-6](?:[ -]?\d){11,17}[ -]?\d(?!\w|\.\d|-\w| \d)/g,
    replacement: (match) => (hasCardChecksum(match) ? '[redacted]' : match),
  },
]

/** What every match of a default pattern holds, one alternative for each kind of secret. */
const traceOfSecret =
  /-----BEGIN |:\/\/|eyJ|authorization|bearer\s|cookie|passw|passphrase|pwd|secret|token|(?:api|access|private)[_-]?key|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|[rs]k_(?:live|test)_|sk-|AIza|npm_|[2-6](?:[ -]?\d){12}/i

/** The shortest matches without `:` or `=` have more characters. */
const shortLength = 12

/** False only for text in which no default pattern finds anything: sooner known than by asking each of them. */
export function mayHoldSecret(text: string): boolean {
  return (text.length > shortLength || hasAssignment(text)) && traceOfSecret.test(text)
}

const colon = 0x3a
const equals = 0x3d

/** Whether there is a `:` or a `=` in it; of so few characters this is known before a search has begun. */
function hasAssignment(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === colon || code === equals) return true
  }
  return false
}

/** Whether the digits of the text satisfy the checksum of card numbers (Luhn). */
function hasCardChecksum(text: string): boolean {
  const digits = Array.from(text.replaceAll(/\D/g, ''), Number).toReversed()
  const sum = digits.reduce((total, digit, place) => {
    const weighed = place % 2 === 0 ? digit : digit * 2
    return total + (weighed > 9 ? weighed - 9 : weighed)
  }, 0)
  return sum % 10 === 0
}
