import { z } from 'zod'
import { selectionColumns, type EventType } from './event-type.ts'

const text = z.string().min(1)
const whole = z.int().min(0)

const selection = { entityType: 'SELECTION', statuses: ['SUCCESS', 'FAILED'], schemaVersion: 1 } as const
const discoveryColumns = {
  ...selectionColumns,
  serviceName: 'always',
  correlationId: 'always',
  details: 'always',
} as const

/** What the caller said of the situation; null values where it said nothing. */
const signalContext = z.looseObject({
  severity: z.string().nullable(),
  component: z.string().nullable(),
  environment: z.string().nullable(),
  priority: z.string().nullable(),
})
const pagination = z.looseObject({ offset: whole, limit: whole, totalCount: whole, hasMore: z.boolean() })
const answered = { remediationId: text, queryDurationMs: whole }
/** The workflow in question; nulls for an id that does not exist. */
const workflow = {
  workflowId: text,
  workflowName: text.nullable(),
  actionType: text.nullable(),
  version: text.nullable(),
}

/** The printed envelope holds exactly its five keys; the payload may hold more than the printed ones. */
const envelope = <Operation extends string, Payload extends z.ZodType>(
  operation: Operation,
  payload: Payload,
) =>
  z.strictObject({
    version: z.literal('1.0'),
    service: text,
    operation: z.literal(operation),
    status: z.enum(['success', 'failure']),
    payload,
  })

const scoring = z.looseObject({
  confidence: z.number(),
  base_similarity: z.number(),
  label_boost: z.number(),
  label_penalty: z.number(),
  boost_breakdown: z.record(z.string(), z.number()),
  penalty_breakdown: z.record(z.string(), z.number()),
})

const foundWorkflow = z.looseObject({
  workflow_id: text,
  version: text,
  title: z.string(),
  rank: z.int().min(1),
  scoring,
  labels: z.record(z.string(), z.json()),
  owner: z.string().nullable().optional(),
  maintainer: z.string().nullable().optional(),
  previous_version: z.string().nullable().optional(),
  version_notes: z.string().nullable().optional(),
  approved_by: z.string().nullable().optional(),
  approved_at: z.string().nullable().optional(),
  success_metrics: z.looseObject({}).nullable().optional(),
  content_hash: z.string(),
})

const search = z.looseObject({
  query: z.looseObject({
    text: z.string(),
    filters: z.record(z.string(), z.json()),
    top_k: whole,
    min_similarity: z.number(),
  }),
  results: z.looseObject({
    total_found: whole,
    returned: whole,
    candidates_considered: whole,
    workflows: z.array(foundWorkflow),
  }),
  search_metadata: z.looseObject({
    duration_ms: whole,
    db_query_time_ms: whole,
    embedding_generation_time_ms: whole.nullable(),
    embedding_dimensions: whole.nullable(),
    embedding_model: z.string().nullable(),
    index_used: z.string().nullable(),
    cache_hit: z.boolean(),
  }),
})

const change = {
  entityType: 'SELECTION',
  statuses: ['SUCCESS'],
  schemaVersion: 1,
  columns: { ...selectionColumns, actorType: 'always', actorId: 'always', details: 'always' },
  details: z.looseObject({ before: z.json(), after: z.json(), contentHash: text }),
} as const

/** The events of choosing a workflow, and of the catalogue it is chosen from. */
export const selectionEventTypes = [
  {
    ...selection,
    eventType: 'workflow.catalog.actions_listed',
    when: 'Step 1: action types were offered for a situation.',
    columns: discoveryColumns,
    details: envelope(
      'actions_listed',
      z.looseObject({
        ...answered,
        signalContext: signalContext.nullable(),
        resultCount: whole,
        actionTypes: z.array(text),
        pagination,
      }),
    ),
  },
  {
    ...selection,
    eventType: 'workflow.catalog.workflows_listed',
    when: 'Step 2: workflows were offered for an action type.',
    columns: discoveryColumns,
    details: envelope(
      'workflows_listed',
      z.looseObject({
        ...answered,
        actionType: text,
        signalContext: signalContext.nullable(),
        resultCount: whole,
        workflows: z.array(
          z.looseObject({ workflowId: text, workflowName: text, version: text, finalScore: z.number() }),
        ),
        pagination,
      }),
    ),
  },
  {
    ...selection,
    eventType: 'workflow.catalog.workflow_retrieved',
    when: 'Step 3: one workflow was looked at, with its parameters.',
    columns: discoveryColumns,
    details: envelope(
      'workflow_retrieved',
      z.looseObject({
        ...answered,
        ...workflow,
        securityGateResult: z.enum(['pass', 'fail']),
        signalContext: signalContext.nullable(),
        parameterCount: whole.nullable(),
      }),
    ),
  },
  {
    ...selection,
    eventType: 'workflow.catalog.selection_validated',
    when: 'The chosen workflow and its parameters were checked again.',
    columns: discoveryColumns,
    details: envelope(
      'selection_validated',
      z.looseObject({
        ...answered,
        ...workflow,
        validationResult: z.enum(['valid', 'invalid']),
        parameterValidation: z
          .looseObject({
            totalParameters: whole,
            requiredProvided: whole,
            optionalProvided: whole,
            validationErrors: z.array(z.json()),
          })
          .nullable(),
      }),
    ),
  },
  {
    ...selection,
    eventType: 'workflow.catalog.search_completed',
    when: 'The deprecated search answered.',
    columns: {
      ...discoveryColumns,
      resourceType: 'always',
      resourceId: 'always',
      action: 'always',
    },
    details: search,
  },
  {
    ...change,
    eventType: 'workflow.catalog.registered',
    when: 'A workflow was registered in the catalogue.',
  },
  { ...change, eventType: 'workflow.catalog.disabled', when: 'A workflow was disabled.' },
  { ...change, eventType: 'workflow.catalog.enabled', when: 'A disabled workflow was enabled again.' },
  { ...change, eventType: 'workflow.catalog.deprecated', when: 'A workflow was deprecated.' },
] as const satisfies readonly EventType[]
