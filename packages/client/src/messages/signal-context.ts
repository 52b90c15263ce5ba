import { eventLimits } from '@steptrail/event'
import { z } from 'zod'
import { byName } from './by-name.ts'
import { named } from './named.ts'
import { textParameter } from './parameters.ts'

const text = z.string().min(1).max(eventLimits.nameLength)
const detected = z.union([z.boolean(), z.literal('unknown')], 'is none of true, false, "unknown"').nullable()

const customLabels = byName(text, { type: 'string', minLength: 1, maxLength: eventLimits.nameLength })
const detectedLabels = byName(detected, {
  anyOf: [{ type: 'boolean' }, { type: 'string', enum: ['unknown'] }, { type: 'null' }],
})

/** How documents show that there may be none. */
const orNull = { type: ['object', 'null'] }

/** The situation for which a workflow is looked for, in a body. What is absent or null is not known. */
export const signalContextShape = {
  severity: text.nullish(),
  component: text.nullish(),
  environment: text.nullish(),
  priority: text.nullish(),
  customLabels: customLabels.nullish().meta({ ...orNull, description: 'Further labels, by name.' }),
  detectedLabels: detectedLabels
    .nullish()
    .meta({ ...orNull, description: 'What was detected, by name; what is unknown is not false.' }),
} as const

/** The situation as answers have it. */
export const signalContextSchema = named('SignalContext', z.strictObject(signalContextShape))

/** An object in a query, as JSON. */
const jsonParameter = <Schema extends z.ZodType>(schema: Schema, example: string) =>
  z
    .string('is given more than once')
    .max(4_000, 'is longer than 4000 characters')
    .transform((json, context): unknown => {
      try {
        return JSON.parse(json)
      } catch {
        context.addIssue(`is not JSON such as ${example}`)
        return z.NEVER
      }
    })
    .pipe(schema)
    .optional()
    .meta({ type: 'string', description: `JSON, such as ${example}` })

/** The situation in a query. */
export const signalContextParameters = {
  severity: textParameter(),
  component: textParameter(),
  environment: textParameter(),
  priority: textParameter(),
  customLabels: jsonParameter(customLabels, '{"team":"payments"}'),
  detectedLabels: jsonParameter(detectedLabels, '{"gitOpsManaged":true}'),
} as const

/** The id that ties a selection together, in a query; it has to be there. */
export const remediationParameter = z
  .string('is missing: every call names the remediation that it is for')
  .min(1, 'is empty')
  .max(eventLimits.nameLength, `is longer than ${eventLimits.nameLength} characters`)
  .refine((id) => id.isWellFormed() && !/\p{Cc}/u.test(id), 'holds a control character')
  .describe('Ties the calls of one selection together, and what is executed after it.')

/** See `signalContextSchema`. */
export type SignalContext = z.output<typeof signalContextSchema>
