import { createHash } from 'node:crypto'
import { auditListQuerySchema, auditListSchema, auditSchema } from '@steptrail/client/messages'
import {
  listExecutionAudits,
  type StoredExecutionAudit,
  storedExecutionAuditJson,
  storeWorkflowExecutionAudit,
} from '@steptrail/core'
import type { ExecutionAuditInput } from '@steptrail/workflow'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { idempotencyKeyOf } from '../endpoint/idempotency-key.ts'
import type { Services } from '../services.ts'

/** How executions went: `/api/v1/audit/workflow-execution`; that of one of ours by its `execution_id`. */
export const auditEndpoints = (services: Services): readonly Endpoint[] => [
  storeEndpoint(services),
  listEndpoint(),
]

const messageOf = (audit: StoredExecutionAudit) => auditSchema.parse(storedExecutionAuditJson(audit))

const storeEndpoint = ({ database, redaction, executionMetrics }: Services): Endpoint =>
  defineEndpoint({
    method: 'post',
    path: '/api/v1/audit/workflow-execution',
    tag: 'executions',
    scope: 'engine',
    repeats: 'handled',
    summary: 'Store how an execution of another engine went',
    description:
      'Durations are milliseconds (duration_ms, total_duration_ms) or nanoseconds (duration, total_duration). A repeat ' +
      'with the same id, or the same Idempotency-Key, is answered as the first, with Idempotent-Replayed: true.',
    body: z.looseObject({}),
    answer: { status: 201, schema: z.strictObject({ id: z.string() }), description: 'It is stored.' },
    handle: async ({ body, request, principal }) => {
      const given = withKey(body, idempotencyKeyOf(request).idempotencyKey, principal.tenant ?? 'default')
      const { id, outcome } = await executionMetrics.countStorage(() =>
        storeWorkflowExecutionAudit(database, given as ExecutionAuditInput, {
          tenant: principal.tenant ?? 'default',
          redaction,
        }),
      )
      return Response.json(
        { id },
        { status: 201, headers: outcome === 'duplicate' ? { 'idempotent-replayed': 'true' } : {} },
      )
    },
  })

/** An audit without an id gets one that follows from the key: a UUID of the fifth version, which holds no time. */
function withKey(body: Readonly<Record<string, unknown>>, key: string | undefined, tenant: string): object {
  if (key === undefined || body['id']) return body
  const hex = createHash('sha256').update(`${tenant}\n${key}`).digest('hex')
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  return { ...body, id }
}

const listEndpoint = (): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/audit/workflow-execution',
    tag: 'executions',
    scope: 'read',
    shows: true,
    mayLag: true,
    summary: 'List how executions went',
    query: auditListQuerySchema,
    answer: { schema: auditListSchema, description: 'One page, the newest first.' },
    handle: async ({ query, reader }) => {
      const { items, nextCursor } = await listExecutionAudits(reader, {
        workflowName: query.workflow_name,
        outcome: query.outcome,
        remediationId: query.remediation_id,
        executionId: query.execution_id,
        tenant: query.tenant,
        since: query.since,
        until: query.until,
        limit: query.limit,
        cursor: query.cursor,
      })
      return { audits: items.map(messageOf), next_cursor: nextCursor }
    },
  })
