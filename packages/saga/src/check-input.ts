import { TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { storedJson, type WorkflowDefinition, workflowLimits } from '@steptrail/workflow'
import { z } from 'zod'

/**
 * The input of a workflow as it will be stored: its JSON form, which the schema has been asked about (the
 * definition's JSON Schema unless the workflow's own is given). What a worker gets is this form, parsed by
 * the workflow's schema.
 *
 * @throws TrailError `invalid_input` naming each path that is wrong, and what is wrong with it
 */
export async function checkInput(
  definition: WorkflowDefinition,
  input: unknown,
  schema?: z.ZodType,
): Promise<Json> {
  const json = jsonOf(definition, input)
  const parsed = await (schema ?? schemaOf(definition)).safeParseAsync(json)
  if (parsed.success) return json
  const problems = parsed.error.issues.map((issue) => `${pathOf(issue.path)}: ${issue.message}`)
  throw invalid(definition, problems.join('; '), { problems })
}

function jsonOf(definition: WorkflowDefinition, input: unknown): Json {
  const stored = storedJson(input, workflowLimits.inputBytes)
  if (stored.ok) return stored.json
  throw invalid(definition, stored.problem, { problem: stored.problem })
}

const schemaOf = (definition: WorkflowDefinition): z.ZodType =>
  z.fromJSONSchema(definition.input as Parameters<typeof z.fromJSONSchema>[0])

const pathOf = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? 'input' : `input.${path.map(String).join('.')}`

function invalid(
  { name, version }: WorkflowDefinition,
  what: string,
  details: Readonly<Record<string, unknown>>,
): TrailError {
  return new TrailError(
    'invalid_input',
    `The input of ${name} ${version} is refused: ${what}. Nothing was started.`,
    { details: { workflowName: name, workflowVersion: version, ...details } },
  )
}
