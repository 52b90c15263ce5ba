import { eventLimits, instantText, valuesByName } from '@steptrail/event'
import { type CatalogContent, gateLabels } from '@steptrail/workflow'
import { z } from 'zod'
import { ofEachGateLabel } from './gate-labels.ts'
import { jsonObject } from './json-object.ts'
import { folded, freeText, lineOfText } from './label-text.ts'

const values = z
  .array(lineOfText(), 'is not a list of values: give at least one, or "*" for any')
  .min(1, 'has no value: give at least one, or "*" for any')
  .max(100, 'has more than 100 values')

/** Labels at most, custom and detected alike. */
const maxLabels = 50

const labelName = lineOfText(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'is not made of letters, digits and . _ / - alone')
  .refine(
    (name) => !gateLabels.some((label) => label === folded(name)),
    `is one of ${gateLabels.join(', ')}, which belong into labels`,
  )

/** Two names that differ in letter case only would be one label. */
const labelsByName = <Value extends z.ZodType>(value: Value) =>
  valuesByName(labelName, value)
    .refine((labels) => Object.keys(labels).length <= maxLabels, `has more than ${maxLabels} labels`)
    .refine(
      (labels) => new Set(Object.keys(labels).map(folded)).size === Object.keys(labels).length,
      'names a label twice, in other letter case',
    )

/** Of what the event of a registration holds whole, in `details.after`, two of an event's levels. */
const boundsOnRecord = { levels: eventLimits.detailsDepth - 2, largest: Number.MAX_SAFE_INTEGER }
const said = lineOfText().nullable().default(null)

/** An action type, as it is registered. */
export const actionTypeSchema = z.strictObject({
  actionType: lineOfText(),
  what: freeText().min(1, 'is empty'),
  whenToUse: freeText(),
  whenNotToUse: freeText(),
  preconditions: freeText().default('None.'),
  status: z.enum(['active', 'disabled'], 'is none of active, disabled').default('active'),
})

/** A version of a workflow, as it is registered. */
export const contentSchema = z
  .strictObject({
    workflowName: lineOfText(),
    version: lineOfText(),
    actionType: lineOfText(),
    title: lineOfText(),
    description: freeText(),
    labels: z.strictObject(
      ofEachGateLabel(() => values),
      'is not an object with severity, component, environment and priority',
    ),
    customLabels: labelsByName(values).default({}),
    detectedLabels: labelsByName(z.boolean('is neither true nor false')).default({}),
    parameters: jsonObject(boundsOnRecord),
    owner: said,
    maintainer: said,
    previousVersion: said,
    versionNotes: freeText().nullable().default(null),
    approvedBy: said,
    approvedAt: instantText('is no instant in ISO 8601, such as 2025-11-20T10:00:00Z')
      .transform((text) => new Date(text).toISOString())
      .nullable()
      .default(null),
    expectedSuccessRate: z
      .number('is not a number')
      .min(0, 'is less than 0')
      .max(1, 'is more than 1')
      .nullable()
      .default(null),
    definition: jsonObject().nullable().default(null),
  })
  .superRefine(({ customLabels, detectedLabels }, context) => {
    const custom = new Set(Object.keys(customLabels).map(folded))
    const twice = Object.keys(detectedLabels).find((name) => custom.has(folded(name)))
    if (twice !== undefined)
      context.addIssue({ code: 'custom', path: ['detectedLabels', twice], message: 'is a custom label, too' })
  })

/** An action type, complete. */
export type ActionType = Readonly<z.output<typeof actionTypeSchema>>
/** An action type, as it is given. */
export type ActionTypeInput = z.input<typeof actionTypeSchema>
/** A version of a workflow, complete: every default filled in. */
export type WorkflowContent = Readonly<z.output<typeof contentSchema>>
/** A version of a workflow, as it is given: by `defineWorkflow(…).catalog(…)`, YAML, or the API. */
export type WorkflowContentInput = CatalogContent
