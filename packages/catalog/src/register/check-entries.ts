import { TrailError } from '@steptrail/event'
import {
  type ActionType,
  type ActionTypeInput,
  actionTypeSchema,
  contentSchema,
  type WorkflowContent,
  type WorkflowContentInput,
} from '../content/content-schema.ts'
import { ParameterSchemas } from '../content/parameter-schema.ts'
import { parsedContent, RefusedContent } from '../content/refused-content.ts'

/** What is to be in the catalogue. */
export interface CatalogEntries {
  readonly actionTypes?: readonly ActionTypeInput[] | undefined
  readonly workflows?: readonly WorkflowContentInput[] | undefined
}

/** Entries that were found fit, complete. */
export interface CheckedEntries {
  readonly actionTypes: readonly ActionType[]
  readonly workflows: readonly WorkflowContent[]
}

/** Workflows of one call, which are registered together or not at all. */
const mostWorkflowsAtOnce = 20_000
/** Of one workflow without what is executed, as JSON: its registration is one event. */
const mostContentBytes = 128 * 1024
const mostDefinitionBytes = 1024 * 1024

const schemas = new ParameterSchemas()

/** The entries, complete. Throws as `registerEntries` does for what can be told without the database. */
export function checkEntries({ actionTypes = [], workflows = [] }: CatalogEntries): CheckedEntries {
  if (workflows.length > mostWorkflowsAtOnce)
    throw new TrailError(
      'limit_exceeded',
      `${workflows.length} workflows are to be registered: give at most ${mostWorkflowsAtOnce} at once`,
    )
  return {
    actionTypes: actionTypes.map((given, index) => checkActionType(given, `actionTypes[${index}]`)),
    workflows: workflows.map((given, index) => checkContent(given, `workflows[${index}]`)),
  }
}

/** One action type, complete. Throws `RefusedContent`. */
export const checkActionType = (given: unknown, what: string): ActionType =>
  parsedContent(what, given, actionTypeSchema)

/** One workflow, complete. Throws `RefusedContent`. */
export function checkContent(given: unknown, what: string): WorkflowContent {
  const content = parsedContent(what, given, contentSchema)
  requireSize(content, what)
  const wrong = schemas.problemOf(content.parameters)
  if (!wrong) return content
  throw new RefusedContent({
    what,
    path: ['parameters', ...wrong.path],
    value: undefined,
    problem: wrong.problem,
  })
}

function requireSize({ definition, ...content }: WorkflowContent, what: string): void {
  const refuse = (path: readonly string[], bytes: number, most: number): void => {
    if (bytes <= most) return
    const problem = `has ${bytes} bytes as JSON, and at most ${most} are taken`
    throw new RefusedContent({ what, path, value: undefined, problem })
  }
  refuse([], Buffer.byteLength(JSON.stringify(content)), mostContentBytes)
  refuse(['definition'], Buffer.byteLength(JSON.stringify(definition)), mostDefinitionBytes)
}
