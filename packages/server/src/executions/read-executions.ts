import {
  executionListQuerySchema,
  executionListSchema,
  executionSchema,
  stepListSchema,
  timelineSchema,
  uuidParameter,
} from '@steptrail/client/messages'
import { getExecution, getExecutionTimeline, listExecutions, parseTimeSpan } from '@steptrail/core'
import { eventLimits } from '@steptrail/event'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'

const byId = z.strictObject({ id: uuidParameter })

/** Reads of executions. */
export const readExecutionEndpoints = (): readonly Endpoint[] => [
  listEndpoint(),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/executions/{id}',
    tag: 'executions',
    scope: 'read',
    shows: true,
    summary: 'Show an execution with its steps',
    params: byId,
    answer: { schema: executionSchema, description: 'The execution as it stands.' },
    handle: ({ params, reader }) => getExecution(reader, params.id),
  }),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/executions/{id}/steps',
    tag: 'executions',
    scope: 'read',
    shows: true,
    summary: 'List the steps of an execution',
    params: byId,
    answer: { schema: stepListSchema, description: 'Its steps in order, DO and UNDO.' },
    handle: async ({ params, reader }) => ({ steps: (await getExecution(reader, params.id)).steps }),
  }),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/executions/{id}/timeline',
    tag: 'executions',
    scope: 'read',
    shows: true,
    summary: 'Show the events of an execution with the time between them',
    description: 'Also of executions of other engines, by their id as it was recorded.',
    params: z.strictObject({ id: z.string().min(1).max(eventLimits.nameLength) }),
    answer: { schema: timelineSchema, description: 'Its events in order.' },
    handle: async ({ params, reader }) => ({ entries: await getExecutionTimeline(reader, params.id) }),
  }),
]

const listEndpoint = (): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/executions',
    tag: 'executions',
    scope: 'read',
    shows: true,
    mayLag: true,
    summary: 'List executions',
    query: executionListQuerySchema,
    answer: { schema: executionListSchema, description: 'One page, the newest first.' },
    handle: async ({ query, reader }) => {
      const { items, nextCursor } = await listExecutions(reader, {
        workflowName: query.workflow_name,
        status: query.status,
        correlationId: query.correlation_id,
        tenant: query.tenant,
        since: instantOf(query.start_date, 'fromMs'),
        until: instantOf(query.end_date, 'untilMs'),
        limit: query.limit,
        cursor: query.cursor,
      })
      return { executions: items, next_cursor: nextCursor }
    },
  })

function instantOf(text: string | undefined, bound: 'fromMs' | 'untilMs'): string | undefined {
  const span = text === undefined ? null : parseTimeSpan(text)
  return span ? new Date(span[bound]).toISOString() : undefined
}
