import { isStorable } from '@steptrail/event'
import { z } from 'zod'
import { byName } from './by-name.ts'
import { named } from './named.ts'
import { scoringSchema } from './selection.ts'
import { remediationParameter } from './signal-context.ts'

/** What the deprecated search is asked. */
export const searchSchema = named(
  'WorkflowSearch',
  z.strictObject({
    query: z
      .string()
      .min(1)
      .max(1_000)
      .refine(isStorable, 'holds U+0000 or a lone surrogate, which no text on record has'),
    filters: byName(z.string(), { type: 'string' }).optional().describe('Labels by name.'),
    top_k: z.int().min(1).max(100).optional().describe('3 unless given.'),
    min_similarity: z.number().min(0).max(1).optional().describe('0.7 unless given.'),
    remediation_id: remediationParameter,
  }),
)

/** The answer of the deprecated search. */
export const searchAnswerSchema = named(
  'WorkflowSearchAnswer',
  z.strictObject({
    total_found: z.int(),
    returned: z.int(),
    workflows: z.array(
      z.strictObject({
        workflow_id: z.string().describe('The name of the workflow.'),
        workflow_uuid: z.string(),
        version: z.string(),
        title: z.string(),
        description: z.string(),
        rank: z.int(),
        scoring: scoringSchema,
        labels: z.record(z.string(), z.string()),
      }),
    ),
  }),
)
