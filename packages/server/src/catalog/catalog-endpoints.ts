import {
  actionTypeListSchema,
  catalogActionSchema,
  catalogEntrySchema,
  catalogListQuerySchema,
  catalogListSchema,
  catalogStatusSchema,
  newWeightsSchema,
  registeredSchema,
  registrationSchema,
  uuidParameter,
  weightsSchema,
} from '@steptrail/client/messages'
import {
  type CatalogEntries,
  changeStatus,
  getEntry,
  listActionTypes,
  listCatalog,
  registerEntries,
  setWeights,
} from '@steptrail/catalog'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { catalogActor, tenantOf } from './catalog-caller.ts'

const read = { method: 'get', tag: 'catalog', scope: 'read' } as const
const operate = { method: 'post', tag: 'catalog', scope: 'operate', repeats: 'noted' } as const
const byId = z.strictObject({ id: uuidParameter })

/** What is in the catalogue, and what changes it. */
export const catalogEndpoints = (services: Services): readonly Endpoint[] => [
  defineEndpoint({
    ...read,
    path: '/api/v1/catalog/action-types',
    summary: 'List action types',
    answer: { schema: actionTypeListSchema, description: 'Every action type, by name.' },
    handle: async ({ reader, principal }) => ({
      actionTypes: await listActionTypes(reader, tenantOf(principal)),
    }),
  }),
  defineEndpoint({
    ...read,
    path: '/api/v1/catalog/workflows',
    summary: 'List workflows of the catalogue',
    description: 'Whether they are offered or not, each with how its executions went.',
    query: catalogListQuerySchema,
    answer: {
      schema: catalogListSchema,
      description: 'One page, by name, the version registered last first.',
    },
    handle: async ({ query, reader, principal }) => {
      const { action_type: actionType, workflow_name: workflowName, ...others } = query
      const { items, nextCursor } = await listCatalog(reader, tenantOf(principal), {
        actionType,
        workflowName,
        ...others,
      })
      return { workflows: items, next_cursor: nextCursor }
    },
  }),
  defineEndpoint({
    ...read,
    path: '/api/v1/catalog/workflows/{id}',
    summary: 'Show a workflow of the catalogue',
    params: byId,
    answer: {
      schema: catalogEntrySchema,
      description: 'All of it, with its versions and how its executions went.',
    },
    handle: ({ params, reader, principal }) => getEntry(reader, params.id, tenantOf(principal)),
  }),
  ...changingEndpoints(services),
]

const changingEndpoints = ({ discovery }: Services): readonly Endpoint[] => [
  defineEndpoint({
    ...operate,
    path: '/api/v1/catalog/workflows',
    summary: 'Register workflows and action types',
    description:
      'All of them or none. A version that is registered with the same content stays as it is; with other content it is ' +
      'refused. A new version is offered in place of the one before it.',
    body: registrationSchema,
    answer: { schema: registeredSchema, description: 'What became of each.' },
    handle: async ({ body: { actor, reason, ...entries }, principal, writer }) =>
      await registerEntries(writer, entries as CatalogEntries, {
        actor: catalogActor(principal, actor),
        reason,
        tenant: tenantOf(principal),
      }),
  }),
  defineEndpoint({
    ...operate,
    path: '/api/v1/catalog/workflows/{id}/actions',
    summary: 'Offer a workflow, or offer it no more',
    description:
      'To enable a version takes the place of the one that is offered. Who did it and why stay on record.',
    params: byId,
    body: catalogActionSchema,
    answer: { schema: catalogStatusSchema, description: 'The workflow as it is afterwards.' },
    handle: async ({ params, body: { action, reason, actor }, principal, writer }) =>
      await changeStatus(
        writer,
        { workflowId: params.id, action },
        { actor: catalogActor(principal, actor), reason, tenant: tenantOf(principal) },
      ),
  }),
  defineEndpoint({
    ...read,
    path: '/api/v1/catalog/weights',
    summary: 'Show what labels weigh in the score',
    answer: { schema: weightsSchema, description: 'The weights that count, and their version.' },
    handle: async ({ reader, principal }) =>
      (await discovery.snapshot({ reader, tenant: tenantOf(principal) })).weights,
  }),
  defineEndpoint({
    ...operate,
    scope: 'admin',
    path: '/api/v1/catalog/weights',
    summary: 'Set what labels weigh in the score',
    description: 'They count at once, under the next version, which events name.',
    body: newWeightsSchema,
    answer: { schema: weightsSchema, description: 'The weights under their version.' },
    handle: async ({ body: { weights, reason, actor }, principal, writer }) =>
      await setWeights(writer, weights, {
        actor: catalogActor(principal, actor),
        reason,
        tenant: tenantOf(principal),
      }),
  }),
]
