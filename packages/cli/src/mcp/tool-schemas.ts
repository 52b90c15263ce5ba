import { anyObject, byName } from '@steptrail/client/messages'
import { z } from 'zod'

const text = z.string().min(1).max(255)
const detected = z.union([z.boolean(), z.literal('unknown')])

const situation = {
  remediationId: text.describe('The id of the incident that you work on: the same in every call.'),
  severity: text.optional().describe('How serious it is, such as critical.'),
  component: text.optional().describe('What it is about, such as deployment.'),
  environment: text.optional().describe('Where it is, such as production.'),
  priority: text.optional().describe('How urgent it is, such as P0.'),
  customLabels: byName(text, { type: 'string', minLength: 1, maxLength: 255 })
    .optional()
    .describe('Further labels of the situation, by name.'),
  detectedLabels: byName(detected, { anyOf: [{ type: 'boolean' }, { const: 'unknown' }] })
    .optional()
    .describe('What was detected, by name. Leave out what is not known, or say "unknown".'),
} as const

const page = {
  cursor: z.string().max(1_000).optional().describe('The nextCursor of the page before.'),
  limit: z.int().min(1).max(100).optional().describe('Items on a page: 10 unless given.'),
} as const

const workflowId = text.describe('The workflowId, as list_workflows gives it.')

/** The arguments of each tool. What is not named here is refused. */
export const toolSchemas = {
  list_actions: z.strictObject({ ...situation, ...page }),
  list_workflows: z.strictObject({
    actionType: text.describe('The actionType, as list_actions gives it.'),
    ...situation,
    ...page,
  }),
  get_workflow: z.strictObject({ workflowId, ...situation }),
  validate_selection: z.strictObject({
    workflowId,
    ...situation,
    parameters: anyObject('Values by name, as the schema of get_workflow asks for them.'),
  }),
} as const

/** The situation, of the arguments of a call. */
export const contextOfArguments = (given: {
  readonly [Key in Exclude<keyof typeof situation, 'remediationId'>]?: z.output<(typeof situation)[Key]>
}) => ({
  severity: given.severity,
  component: given.component,
  environment: given.environment,
  priority: given.priority,
  customLabels: given.customLabels,
  detectedLabels: given.detectedLabels,
})
