import { TrailError } from '@steptrail/event'
import type { z } from 'zod'

/** The part of a request that a schema refused. */
export type RequestPart = 'query' | 'path' | 'body'

/** The error for a request that a schema refuses: names what is wrong, what was given and what is allowed. */
export function invalidRequest(part: RequestPart, given: unknown, error: z.ZodError): TrailError {
  const [issue] = error.issues
  const path = pathOf(issue)
  const value = valueAt(given, path)
  const name = path.map(String).join('.') || 'body'
  const problem = problemOfIssue(issue, value)
  const what = part === 'body' ? 'field' : 'parameter'
  return new TrailError(
    part === 'query' ? 'invalid_filter' : 'invalid_input',
    `the ${what} ${shortened(name)} (${shown(value)}) ${problem}`,
    { details: { parameter: shortened(name) } },
  )
}

/** The error for a parameter with a character that no text on record can have. */
export const characterZero = (part: 'query' | 'path', name: string): TrailError =>
  new TrailError(
    part === 'query' ? 'invalid_filter' : 'invalid_input',
    `the parameter ${shown(name)} holds the character U+0000, which no text on record has: leave it out`,
    { details: { parameter: shortened(name) } },
  )

/** In our words, where the schema has none of its own: what is missing is of no other type. */
function problemOfIssue(issue: z.core.$ZodIssue | undefined, value: unknown): string {
  if (issue?.code === 'unrecognized_keys') return 'is not known here'
  if (issue?.code !== 'invalid_type' || !issue.message.startsWith('Invalid input: '))
    return issue?.message ?? 'is malformed'
  return value === undefined
    ? `is missing: give one of the type ${issue.expected}`
    : `is not of the type ${issue.expected}`
}

function pathOf(issue: z.core.$ZodIssue | undefined): readonly PropertyKey[] {
  if (!issue) return []
  return issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  let value = given
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.hasOwn(value, key) ? (value as Readonly<Record<PropertyKey, unknown>>)[key] : undefined
  }
  return value
}

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text)
/** What is within what is within is not shown: it may be nested deeper than can be written out. */
const shown = (value: unknown): string =>
  shortened(JSON.stringify(value, (_, inner) => (inner === value ? value : flattened(inner))) ?? 'not given')

function flattened(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? '[…]' : '{…}'
}
