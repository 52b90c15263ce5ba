import {
  scoresQuerySchema,
  scoresSchema,
  selectionListQuerySchema,
  selectionListSchema,
  searchAnswerSchema,
  searchSchema,
  selectionReplaySchema,
  uuidParameter,
  whyNotQuerySchema,
  whyNotSchema,
} from '@steptrail/client/messages'
import { listSelections, replaySelection, scoreCandidates, searchWorkflows, whyNot } from '@steptrail/catalog'
import { eventLimits } from '@steptrail/event'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { contextOf, discoveryCaller, tenantOf } from './catalog-caller.ts'

const read = { method: 'get', tag: 'catalog', scope: 'read' } as const

/** What was selected and why, for operators: with scores, and without leaving events of discovery. */
export const selectionEndpoints = (services: Services): readonly Endpoint[] => [
  searchEndpoint(services),
  ...readingEndpoints(services),
]

const readingEndpoints = ({ discovery }: Services): readonly Endpoint[] => [
  defineEndpoint({
    ...read,
    path: '/api/v1/catalog/workflows/{id}/why-not',
    shows: true,
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
    shows: true,
    summary: 'Replay a selection',
    description: 'Asked, offered, looked at, chosen, validated, executed, and what came of it.',
    params: z.strictObject({ remediation_id: z.string().min(1).max(eventLimits.nameLength) }),
    answer: { schema: selectionReplaySchema, description: 'The story in order.' },
    handle: ({ params, reader, principal }) =>
      replaySelection(reader, params.remediation_id, tenantOf(principal)),
  }),
]

/** Since when the search is deprecated (RFC 9745), and what is in its place. */
const deprecation = {
  deprecation: '@1770249600',
  link: '</api/v1/workflows/actions>; rel="successor-version"',
} as const

const searchEndpoint = ({ discovery, recorder }: Services): Endpoint =>
  defineEndpoint({
    method: 'post',
    path: '/api/v1/workflows/search',
    tag: 'catalog',
    scope: 'read',
    summary: 'Search workflows (deprecated)',
    description:
      'The search of before the three steps, which take its place: labels first, then similarity of text. It tells ' +
      'scores, so agents do not reach it.',
    body: searchSchema,
    answer: { schema: searchAnswerSchema, description: 'What was found, the best first.' },
    handle: async ({ body, principal, reader }) => {
      const caller = discoveryCaller(principal, reader)
      const place = { reader, caller, recorder, snapshot: await discovery.snapshot(caller) }
      return Response.json(await searchWorkflows(body, place), { headers: deprecation })
    },
  })
