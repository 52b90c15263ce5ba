import { eventLimits, TrailError, valuesByName } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { z } from 'zod'
import { jsonBounds, jsonObject } from '../content/json-object.ts'
import type { SignalContext } from '../match/signal-context.ts'

/** What every call says: for which remediation, in which situation. */
export interface DiscoveryRequest {
  /** Ties the calls of one selection together, and what is executed after it. */
  readonly remediationId: string
  readonly context?: SignalContext | undefined
}

/** A call whose answer has pages. */
export interface PagedRequest extends DiscoveryRequest {
  /** Items to skip; none unless given. */
  readonly offset?: number | undefined
  /** Items on a page, 1 to 100; 10 unless given. */
  readonly limit?: number | undefined
}

/** Step 2: the workflows of one action type. */
export interface ListWorkflowsRequest extends PagedRequest {
  readonly actionType: string
}

/** Step 3: one workflow. */
export interface GetWorkflowRequest extends DiscoveryRequest {
  readonly workflowId: string
}

/** Step 4: the workflow that was chosen, with its parameters. */
export interface ValidateSelectionRequest extends GetWorkflowRequest {
  readonly parameters: Readonly<Record<string, Json>>
}

/** How many items a page holds, and may hold. */
export const discoveryPage = { default: 10, max: 100 } as const

/** Text that an event can have in a column. */
export const said = z
  .string('is not text')
  .min(1, 'is empty')
  .max(eventLimits.nameLength, `is longer than ${eventLimits.nameLength} characters`)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'holds a control character')

const fewLabels = (labels: object): boolean => Object.keys(labels).length <= 50

/** See `SignalContext`. */
export const signalContextSchema = z.strictObject({
  severity: said.nullish(),
  component: said.nullish(),
  environment: said.nullish(),
  priority: said.nullish(),
  customLabels: valuesByName(said, said).refine(fewLabels, 'has more than 50 labels').nullish(),
  detectedLabels: valuesByName(
    said,
    z.union([z.boolean(), z.literal('unknown')], 'is none of true, false, "unknown"').nullable(),
  )
    .refine(fewLabels, 'has more than 50 labels')
    .nullish(),
})

const shape = { remediationId: said, context: signalContextSchema.default({}) }
const paged = {
  ...shape,
  offset: z
    .int('is not a whole number')
    .min(0, 'is negative')
    .max(1_000_000, 'is more than 1000000')
    .default(0),
  limit: z
    .int('is not a whole number')
    .min(1, 'is less than 1')
    .max(discoveryPage.max, `is more than ${discoveryPage.max}`)
    .default(discoveryPage.default),
}

/** The schemas of the four calls. */
export const discoverySchemas = {
  listActions: z.strictObject(paged),
  listWorkflows: z.strictObject({ ...paged, actionType: said }),
  getWorkflow: z.strictObject({ ...shape, workflowId: said }),
  validateSelection: z.strictObject({
    ...shape,
    workflowId: said,
    parameters: jsonObject(jsonBounds, 'is not an object of values by name'),
  }),
}

/** A request with its defaults. Throws `invalid_input` naming the field. */
export function parsedRequest<Schema extends z.ZodType>(request: unknown, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(request)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = (issue?.path ?? []).map(String).join('.')
  const name = path.replace(/^context\./, '') || 'the request'
  throw new TrailError('invalid_input', `${name} ${issue?.message ?? 'is malformed'}`, {
    details: { path: path.replace(/^context\./, '') },
  })
}
