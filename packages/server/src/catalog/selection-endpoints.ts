import {
  scoresQuerySchema,
  scoresSchema,
  selectionListQuerySchema,
  selectionListSchema,
  selectionReplaySchema,
  uuidParameter,
  whyNotQuerySchema,
  whyNotSchema,
} from '@steptrail/client/messages'
import { listSelections, replaySelection, scoreCandidates, whyNot } from '@steptrail/catalog'
import { eventLimits } from '@steptrail/event'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { contextOf, tenantOf } from './catalog-caller.ts'

const read = { method: 'get', tag: 'catalog', scope: 'read' } as const

/** What was selected and why, for operators: with scores, and without leaving events of discovery. */
export const selectionEndpoints = ({ discovery }: Services): readonly Endpoint[] => [
  defineEndpoint({
    ...read,
    path: '/api/v1/catalog/workflows/{id}/why-not',
    summary: 'Tell why a workflow was not selected',
    description:
      'In a remediation, by what was recorded when the agent asked; or in a situation, by the catalogue as it is.',
    params: z.strictObject({ id: uuidParameter }),
    query: whyNotQuerySchema,
    answer: { schema: whyNotSchema, description: 'Each reason that kept it out, or down.' },
    handle: async ({ params, query: { remediationId, ...context }, reader, principal }) => {
      const tenant = tenantOf(principal)
      const place = { reader, tenant, snapshot: await discovery.snapshot({ reader, tenant }) }
      const about = remediationId === undefined ? { context: contextOf(context) } : { remediationId }
      return await whyNot(place, { workflowId: params.id, ...about })
    },
  }),
  defineEndpoint({
    ...read,
    path: '/api/v1/catalog/scores',
    summary: 'Show how workflows stand in a situation',
    query: scoresQuerySchema,
    answer: {
      schema: scoresSchema,
      description: 'Those offered, the best first, then those left out, with why.',
    },
    handle: async ({ query: { action_type: actionType, limit = 100, ...context }, reader, principal }) => {
      const snapshot = await discovery.snapshot({ reader, tenant: tenantOf(principal) })
      const workflows = scoreCandidates(snapshot, contextOf(context), actionType)
      return {
        weightsVersion: snapshot.weights.version,
        total: workflows.length,
        workflows: workflows.slice(0, limit),
      }
    },
  }),
  defineEndpoint({
    ...read,
    path: '/api/v1/catalog/selections',
    summary: 'List selections',
    description: 'Of the last 7 days unless a time is given.',
    query: selectionListQuerySchema,
    answer: { schema: selectionListSchema, description: 'One page, the one that began last first.' },
    handle: async ({ query: { workflow_name: workflowName, ...others }, reader, principal }) => {
      const { items, nextCursor } = await listSelections(reader, tenantOf(principal), {
        workflowName,
        ...others,
      })
      return { selections: items, next_cursor: nextCursor }
    },
  }),
  defineEndpoint({
    ...read,
    path: '/api/v1/catalog/selections/{remediation_id}',
    summary: 'Replay a selection',
    description: 'Asked, offered, looked at, chosen, validated, executed, and what came of it.',
    params: z.strictObject({ remediation_id: z.string().min(1).max(eventLimits.nameLength) }),
    answer: { schema: selectionReplaySchema, description: 'The story in order.' },
    handle: ({ params, reader, principal }) =>
      replaySelection(reader, params.remediation_id, tenantOf(principal)),
  }),
]
