import { type ErrorCode, TrailError } from './error.ts'
import { defaultRedaction, redacted, type RedactionPolicy } from './redaction.ts'

/** Why an event is refused. */
export interface Refusal {
  readonly code?: ErrorCode
  /** Where: `details.items[3].price`. */
  readonly path: string
  /** What is there; shown in part, and not at all under a secret key. Left out where there is nothing to show. */
  readonly value?: unknown
  /** What is a secret in it. Default: the built-in list. */
  readonly policy?: RedactionPolicy | undefined
  /** Whether it stands anywhere under a secret key. Left out: whether its own key, the last of the path, is one. */
  readonly isSecret?: boolean
  /** What is wrong with it: `is not a whole number`. */
  readonly problem: string
  /** What to do next. */
  readonly action: string
}

/** The error of an event that is refused: path, value, problem, and what to do. */
export function refusedEvent(refusal: Refusal, cause?: unknown): TrailError {
  const { code = 'invalid_event', path, problem, action } = refusal
  const value = 'value' in refusal ? shown(refusal) : undefined
  return new TrailError(
    code,
    `event refused: ${path} ${problem}${value === undefined ? '' : ` (given: ${value})`}; ${action}`,
    { details: { path, ...(value !== undefined && { value }) }, ...(cause !== undefined && { cause }) },
  )
}

const maxShown = 80

/** The value in a few words, fit for a log. */
function shown({ path, value, policy = defaultRedaction, isSecret }: Refusal): string {
  const key = path.slice(path.lastIndexOf('.') + 1)
  if (isSecret ?? policy.isSecretKey(key)) return redacted
  switch (typeof value) {
    case 'string':
      return shownText(value, policy)
    case 'bigint':
      return `${value}n`
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'object':
      return value === null ? 'null' : article(classOf(value))
    default:
      return `a ${typeof value}`
  }
}

function shownText(text: string, policy: RedactionPolicy): string {
  const start = JSON.stringify(policy.redactText(text.slice(0, 2 * maxShown)).slice(0, maxShown))
  return text.length > maxShown ? `${start}… (${text.length} characters)` : start
}

/** What kind of object it is: `Date`, `Map`, the name of a class. */
function classOf(value: object): string {
  if (Array.isArray(value)) return 'Array'
  const name: unknown = (value as { readonly constructor?: { readonly name?: unknown } }).constructor?.name
  return typeof name === 'string' && name !== '' ? name.slice(0, maxShown) : 'class instance'
}

const article = (noun: string): string => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`

/** The path of what stands under a key of the value at `path`. */
export function pathTo(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key)
    ? `${path}.${key}`
    : `${path}[${JSON.stringify(key.slice(0, maxShown))}]`
}
