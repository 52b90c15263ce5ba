import { instantText } from '@steptrail/event'
import { passageKinds } from '@steptrail/workflow'
import { z } from 'zod'
import { actorSchema } from './execution.ts'
import { named } from './named.ts'
import { cursorParameter, limitParameter, textParameter } from './parameters.ts'
import { remediationParameter, signalContextParameters, signalContextSchema } from './signal-context.ts'

const text = z.string().nullable()
const breakdown = z.record(z.string(), z.number())

/** A score with all that it was made from. For operators; agents are never shown one. */
export const scoringSchema = named(
  'Scoring',
  z.strictObject({
    confidence: z.number(),
    base_similarity: z.number(),
    label_boost: z.number(),
    label_penalty: z.number(),
    boost_breakdown: breakdown,
    penalty_breakdown: breakdown,
  }),
)

const workflow = { workflowId: z.string(), workflowName: z.string(), version: z.string() } as const

/** What kept a workflow out, or down: `message` says it, the other fields depend on `kind`. */
export const reasonSchema = named(
  'SelectionReason',
  z.looseObject({
    kind: z.enum([
      'not_active',
      'action_type_not_active',
      'no_context',
      'label',
      'action_type_not_listed',
      'registered_later',
      'outscored',
      'beyond_the_page',
      'refused',
      'another_chosen',
    ]),
    message: z.string(),
  }),
)

/** The parameters of why-not: a remediation, or a situation. */
export const whyNotQuerySchema = z.strictObject({
  remediationId: remediationParameter.optional(),
  ...signalContextParameters,
})

/** Why a workflow was not selected, or would not be. */
export const whyNotSchema = named(
  'WhyNot',
  z.strictObject({
    workflow: z.strictObject({ ...workflow, actionType: z.string(), status: z.string() }),
    basis: z.enum(['recorded', 'current']),
    remediationId: text,
    askedAt: text,
    context: signalContextSchema.nullable(),
    offered: z.boolean(),
    rank: z.int().nullable(),
    scoring: scoringSchema.nullable(),
    reasons: z.array(reasonSchema),
  }),
)

/** The parameters of `GET /api/v1/catalog/scores`. */
export const scoresQuerySchema = z.strictObject({
  action_type: textParameter(),
  ...signalContextParameters,
  limit: limitParameter,
})

/** All workflows of an action type as they stand in a situation. */
export const scoresSchema = named(
  'Scores',
  z.strictObject({
    weightsVersion: z.int(),
    total: z.int(),
    workflows: z.array(
      z.strictObject({
        ...workflow,
        actionType: z.string(),
        title: z.string(),
        offered: z.boolean(),
        rank: z.int().nullable(),
        scoring: scoringSchema,
        reasons: z.array(reasonSchema),
      }),
    ),
  }),
)

/** The parameters of `GET /api/v1/catalog/selections`. */
export const selectionListQuerySchema = z.strictObject({
  since: instantText('is no instant in ISO 8601 with its offset').optional(),
  until: instantText('is no instant in ISO 8601 with its offset').optional(),
  workflow_name: textParameter().describe('In which this workflow was chosen.'),
  limit: limitParameter,
  cursor: cursorParameter,
})

/** One page of selections, the one that began last first. */
export const selectionListSchema = named(
  'SelectionList',
  z.strictObject({
    selections: z.array(
      z.strictObject({
        remediationId: z.string(),
        firstAt: z.string(),
        lastAt: z.string(),
        calls: z.int(),
        refusedCalls: z.int(),
        chosenWorkflow: text,
        chosenVersion: text,
        outcome: text,
      }),
    ),
    next_cursor: text,
  }),
)

/** The whole story of a selection. */
export const selectionReplaySchema = named(
  'SelectionReplay',
  z.strictObject({
    remediationId: z.string(),
    context: signalContextSchema.nullable(),
    chosen: z.strictObject(workflow).nullable(),
    refusedCalls: z.int(),
    executions: z.array(
      z.strictObject({
        executionId: z.string(),
        workflowName: z.string(),
        workflowVersion: z.string(),
        startedAt: z.string(),
        /** Whether it is what was chosen, with the parameters that were valid; null where nothing was chosen. */
        isTheChosen: z.boolean().nullable(),
        outcome: text,
        effectivenessScore: z.number().nullable(),
      }),
    ),
    passages: z.array(
      z.strictObject({
        at: z.string(),
        kind: z.enum(passageKinds),
        sentence: z.string(),
        actor: actorSchema.nullable(),
        eventId: z.string(),
        executionId: text,
      }),
    ),
  }),
)

/** See `scoringSchema`. */
export type Scoring = z.output<typeof scoringSchema>
/** See `reasonSchema`. */
export type SelectionReason = z.output<typeof reasonSchema>
/** See `whyNotSchema`. */
export type WhyNot = z.output<typeof whyNotSchema>
/** See `scoresSchema`. */
export type Scores = z.output<typeof scoresSchema>
/** A page of selections. */
export type SelectionList = z.output<typeof selectionListSchema>
/** What a list of selections is asked for. */
export type SelectionListQuery = z.input<typeof selectionListQuerySchema>
/** The story of a selection. */
export type SelectionReplay = z.output<typeof selectionReplaySchema>
