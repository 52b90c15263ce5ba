import {
  discoveryGetQuerySchema,
  discoveryListQuerySchema,
  offeredActionsSchema,
  offeredWorkflowSchema,
  offeredWorkflowsSchema,
  selectionToValidateSchema,
  validatedSelectionSchema,
  workflowIdParameter,
} from '@steptrail/client/messages'
import type { Json } from '@steptrail/verify'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { contextOf, discoveryCaller } from './catalog-caller.ts'

/** What was parsed from JSON. */
type JsonObject = Readonly<Record<string, Json>>

const step = { tag: 'discovery', scope: 'discover' } as const
const byId = z.strictObject({ workflow_id: workflowIdParameter })
const gate =
  'A workflow that does not fit the situation, is not active or does not exist gives one and the same answer. Every call ' +
  'is on record.'

/** From a situation to a workflow in three steps and a check, for agents and people; each call leaves one event. */
export const discoveryEndpoints = ({ discovery }: Services): readonly Endpoint[] => [
  defineEndpoint({
    ...step,
    method: 'get',
    path: '/api/v1/workflows/actions',
    summary: 'Step 1: list what can be done in a situation',
    query: discoveryListQuerySchema,
    answer: {
      schema: offeredActionsSchema,
      description: 'Action types that have a workflow for it, by name.',
    },
    handle: async ({ query: { remediationId, offset, limit, ...context }, principal, reader }) =>
      await discovery.listActions(
        { remediationId, context: contextOf(context), offset, limit },
        discoveryCaller(principal, reader),
      ),
  }),
  defineEndpoint({
    ...step,
    method: 'get',
    path: '/api/v1/workflows/actions/{action_type}',
    summary: 'Step 2: list the workflows that do it',
    params: z.strictObject({ action_type: workflowIdParameter }),
    query: discoveryListQuerySchema,
    answer: {
      schema: offeredWorkflowsSchema,
      description: 'Workflows for the situation, the one that fits best first.',
    },
    handle: async ({ params, query: { remediationId, offset, limit, ...context }, principal, reader }) =>
      await discovery.listWorkflows(
        { remediationId, context: contextOf(context), actionType: params.action_type, offset, limit },
        discoveryCaller(principal, reader),
      ),
  }),
  defineEndpoint({
    ...step,
    method: 'get',
    path: '/api/v1/workflows/{workflow_id}',
    summary: 'Step 3: show one workflow with its parameters',
    description: gate,
    params: byId,
    query: discoveryGetQuerySchema,
    answer: {
      schema: offeredWorkflowSchema,
      description: 'The workflow, with the JSON Schema of its parameters.',
    },
    handle: async ({ params, query: { remediationId, ...context }, principal, reader }) =>
      await discovery.getWorkflow(
        { remediationId, context: contextOf(context), workflowId: params.workflow_id },
        discoveryCaller(principal, reader),
      ),
  }),
  defineEndpoint({
    ...step,
    method: 'post',
    path: '/api/v1/workflows/{workflow_id}/validate',
    summary: 'Step 4: check the chosen workflow and its parameters',
    description: gate,
    params: byId,
    body: selectionToValidateSchema,
    answer: {
      schema: validatedSelectionSchema,
      description: 'Whether it may be executed with these parameters.',
    },
    handle: async ({ params, body: { remediationId, parameters, ...context }, principal, reader }) =>
      await discovery.validateSelection(
        {
          remediationId,
          context: contextOf(context),
          workflowId: params.workflow_id,
          parameters: parameters as JsonObject,
        },
        discoveryCaller(principal, reader),
      ),
  }),
]
