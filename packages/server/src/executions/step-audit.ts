import {
  type StepAuditMessage,
  stepAuditListSchema,
  stepAuditQuerySchema,
  uuidParameter,
} from '@steptrail/client/messages'
import {
  getExecutionAuditHistory,
  getStepAuditHistory,
  requireStepOf,
  type StepAudit,
  type StepAuditPage,
} from '@steptrail/core'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { nextLink } from './page-link.ts'

const pathOfStep = z.strictObject({ uuid: uuidParameter, step_uuid: uuidParameter })

/** The results that workers reported: of one step, under both of its paths, and of all steps of an execution. */
export const stepAuditEndpoints = (): readonly Endpoint[] => [
  ofStep('/api/v1/tasks/{uuid}/workflow_steps/{step_uuid}/audit'),
  ofStep('/v1/tasks/{uuid}/workflow_steps/{step_uuid}/audit'),
  defineEndpoint({
    method: 'get',
    path: '/api/v1/executions/{id}/audit',
    tag: 'executions',
    scope: 'read',
    shows: true,
    summary: 'List the results that workers reported for an execution',
    params: z.strictObject({ id: uuidParameter }),
    query: stepAuditQuerySchema,
    answer: { schema: stepAuditListSchema, description },
    handle: async ({ params, query, reader, url }) =>
      answerOf(await getExecutionAuditHistory(reader, params.id, query), url),
  }),
]

const description = 'The results, the newest first. The header Link names the next page.'

const ofStep = (path: string): Endpoint =>
  defineEndpoint({
    method: 'get',
    path,
    tag: 'executions',
    scope: 'read',
    shows: true,
    summary: 'List the results that workers reported for a step',
    params: pathOfStep,
    query: stepAuditQuerySchema,
    answer: { schema: stepAuditListSchema, description },
    handle: async ({ params, query, reader, url }) => {
      await requireStepOf(reader, params.uuid, params.step_uuid)
      return answerOf(await getStepAuditHistory(reader, params.step_uuid, query), url)
    },
  })

const answerOf = ({ items, nextCursor }: StepAuditPage, url: URL): Response =>
  Response.json(items.map(messageOf), { headers: nextLink(url, nextCursor) })

const messageOf = (audit: StepAudit): StepAuditMessage => ({
  audit_uuid: audit.auditUuid,
  workflow_step_uuid: audit.workflowStepUuid,
  transition_uuid: audit.transitionUuid,
  task_uuid: audit.taskUuid,
  recorded_at: audit.recordedAt,
  worker_uuid: audit.workerUuid,
  correlation_id: audit.correlationId,
  success: audit.success,
  execution_time_ms: audit.executionTimeMs,
  result: audit.result,
  step_name: audit.stepName,
  from_state: audit.fromState,
  to_state: audit.toState,
})
