import { findUnstorable, TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { WorkflowDefinition } from '@steptrail/workflow'
import { z } from 'zod'
import { sagaLimits } from './limits.ts'

/**
 * The input of a workflow as it will be stored: its JSON form, which the schema has been asked about (the
 * definition's JSON Schema unless the workflow's own is given). What a worker gets is this form, parsed by
 * the workflow's schema.
 *
 * @throws TrailError `invalid_input` naming each path that is wrong, and what is wrong with it
 */
export function checkInput(definition: WorkflowDefinition, input: unknown, schema?: z.ZodType): Json {
  const json = jsonOf(definition, input)
  const parsed = (schema ?? schemaOf(definition)).safeParse(json)
  if (parsed.success) return json
  const problems = parsed.error.issues.map((issue) => `${pathOf(issue.path)}: ${issue.message}`)
  throw invalid(definition, problems.join('; '), { problems })
}

function jsonOf(definition: WorkflowDefinition, input: unknown): Json {
  let text: string | undefined
  try {
    text = JSON.stringify(input)
  } catch (cause) {
    throw invalid(definition, `it cannot be written as JSON: ${String(cause)}`, {}, cause)
  }
  if (text === undefined) throw invalid(definition, 'there is none; give at least {}', {})
  const bytes = Buffer.byteLength(text)
  if (bytes > sagaLimits.inputBytes) {
    throw invalid(definition, `it has ${bytes} bytes; at most ${sagaLimits.inputBytes} are allowed`, {
      bytes,
    })
  }
  const unstorable = findUnstorable(input)
  if (unstorable !== null) throw invalid(definition, unstorable, {})
  return JSON.parse(text) as Json
}

const schemaOf = (definition: WorkflowDefinition): z.ZodType =>
  z.fromJSONSchema(definition.input as Parameters<typeof z.fromJSONSchema>[0])

const pathOf = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? 'input' : `input.${path.map(String).join('.')}`

function invalid(
  { name, version }: WorkflowDefinition,
  what: string,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): TrailError {
  return new TrailError(
    'invalid_input',
    `The input of ${name} ${version} is refused: ${what}. Nothing was started.`,
    { details: { workflowName: name, workflowVersion: version, ...details }, cause },
  )
}
