import type { workflowDefinitionSchema } from '@steptrail/client/messages'
import { TrailError } from '@steptrail/event'
import { checkDefinition, storedJson, type WorkflowDefinition } from '@steptrail/workflow'
import { z } from 'zod'

/** Bytes of one definition. */
const mostBytes = 1024 * 1024

/**
 * A definition that somebody sends, checked as one that `defineWorkflow` makes: what is registered is decided on, and
 * never changes.
 *
 * @throws TrailError `invalid_workflow`
 */
export function givenDefinition(given: z.output<typeof workflowDefinitionSchema>): WorkflowDefinition {
  const stored = storedJson(given, mostBytes)
  if (!stored.ok) throw invalid(given.name, `cannot be stored: ${stored.problem}`)
  const definition = stored.json as unknown as WorkflowDefinition
  const names = definition.steps.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw invalid(given.name, `has two steps ${twice}: give each a name of its own`)
  checkDefinition(definition)
  requireSchema(definition, 'input', definition.input)
  for (const { name, output, when } of definition.steps) {
    requireSchema(definition, `output of ${name}`, output)
    if (when !== null) requireSchema(definition, `when of ${name}`, when)
  }
  return definition
}

function requireSchema({ name }: WorkflowDefinition, place: string, schema: unknown): void {
  try {
    z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw invalid(name, `has for the ${place} what is no JSON Schema: ${problem.slice(0, 200)}`, cause)
  }
}

const invalid = (workflow: string, problem: string, cause?: unknown): TrailError =>
  new TrailError('invalid_workflow', `the workflow ${workflow.slice(0, 100)} ${problem}`, {
    details: { workflow },
    cause,
  })
