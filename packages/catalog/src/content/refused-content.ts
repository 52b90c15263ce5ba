import { TrailError } from '@steptrail/event'
import type { z } from 'zod'

/** What is refused, and where: `workflows[0]`, or a file. */
export interface RefusedField {
  /** The entry, in words. */
  readonly what: string
  /** The field, as `labels.severity[0]`; empty for the whole. */
  readonly path: readonly PropertyKey[]
  readonly value: unknown
  readonly problem: string
  /** Which of several workflows, where that is known. */
  readonly index?: number
}

/** Why an entry cannot be registered, with the place of the field in it. */
export class RefusedContent extends TrailError {
  readonly field: RefusedField

  constructor(field: RefusedField) {
    const place = pathText(field.path)
    super(
      'invalid_catalog_entry',
      `${field.what} is refused: ${[place, shown(field), field.problem].filter(Boolean).join(' ')}. Nothing was registered.`,
      {
        details: {
          path: place,
          problem: field.problem,
          ...(field.index !== undefined && { index: field.index }),
        },
      },
    )
    this.field = field
  }
}

/** `labels.severity[0]` */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('')
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, escaped)

/** The value as the schema has it. Throws `RefusedContent` naming the first field that is wrong. */
export function parsedContent<Schema extends z.ZodType>(
  what: string,
  value: unknown,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  // A misspelled name is the cause of what then seems to be missing.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  if (issue?.code === 'unrecognized_keys')
    throw new RefusedContent({
      what,
      path: [...issue.path, issue.keys[0] ?? ''],
      value: undefined,
      problem: 'is not known here',
    })
  const path = issue?.path ?? []
  const given = valueAt(value, path)
  const problem = given === undefined ? 'is missing' : messageOf(issue)
  throw new RefusedContent({ what, path, value: given, problem })
}

/** Of a name that is refused the message is within. */
const messageOf = (issue: z.core.$ZodIssue | undefined): string =>
  issue?.code === 'invalid_key'
    ? `has a name that ${issue.issues[0]?.message ?? 'is malformed'}`
    : (issue?.message ?? 'is malformed')

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return at
}

function shown({ path, value }: RefusedField): string {
  if (value === undefined || path.length === 0) return ''
  const text = (JSON.stringify(value) ?? '').replaceAll(/[\p{Cc}\p{Cs}]/gu, escaped)
  return `(${text.length > 80 ? `${text.slice(0, 80)}…` : text})`
}

/** A control character as its number: terminals obey them. */
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
