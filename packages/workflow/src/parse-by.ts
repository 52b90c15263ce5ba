import { type ErrorCode, TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { z } from 'zod'
import { workflowLimits } from './limits.ts'
import { storedJson } from './stored-json.ts'

/** What is parsed, for the error. */
interface Subject {
  readonly code: ErrorCode
  /** `input of workflow "x"` */
  readonly what: string
}

/** The value as the schema gives it back. Throws a `TrailError` of the given code that names each path at fault. */
export async function parseBy<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  { code, what }: Subject,
): Promise<z.output<Schema>> {
  const parsed = await schema.safeParseAsync(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: `$${path.map(member).join('')}`,
    message,
  }))
  const shown = issues.slice(0, 5).map(({ path, message }) => `${path}: ${message}`)
  const rest = issues.length > shown.length ? `; and ${issues.length - shown.length} more` : ''
  throw new TrailError(code, `the ${what} does not fit its schema: ${shown.join('; ')}${rest}`, {
    details: { issues },
  })
}

const member = (key: PropertyKey): string => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)

/** A step's output as it is stored. Throws `invalid_output`, naming the path. */
export async function checkOutput(schema: z.ZodType, output: unknown, stepName: string): Promise<Json> {
  const subject = { code: 'invalid_output', what: `output of step ${stepName}` } as const
  const parsed = await parseBy(schema, output, subject)
  return storable(parsed, workflowLimits.outputBytes, subject)
}

function storable(value: unknown, maxBytes: number, { code, what }: Subject): Json {
  const stored = storedJson(value, maxBytes)
  if (stored.ok) return stored.json
  throw new TrailError(code, `the ${what} cannot be stored: ${stored.problem}`, {
    details: { problem: stored.problem },
  })
}
