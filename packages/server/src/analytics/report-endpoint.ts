import { limitParameter, textParameter, wordParameter } from '@steptrail/client/messages'
import { makeReport, reportPeriods, reports } from '@steptrail/core'
import { operationTypes } from '@steptrail/event'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'

const instant = z.iso
  .datetime({ offset: true, error: 'is no instant in ISO 8601 with its offset' })
  .optional()

const querySchema = z.strictObject({
  since: instant,
  until: instant,
  workflow_name: textParameter(),
  tenant: textParameter(),
  operation: wordParameter(operationTypes),
  execution_id: textParameter(),
  from_version: textParameter(),
  to_version: textParameter(),
  period: wordParameter(reportPeriods),
  limit: limitParameter,
})

const reportSchema = z
  .strictObject({
    report: z.string(),
    about: z.string(),
    window: z.strictObject({ since: z.string(), until: z.string() }),
    columns: z.array(z.strictObject({ name: z.string(), kind: z.string() })),
    rows: z.array(z.record(z.string(), z.unknown())),
  })
  .meta({ id: 'AnalyticsReport' })

/** `GET /api/v1/analytics/{report}`. */
export const reportEndpoint = (): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/analytics/{report}',
    tag: 'analytics',
    scope: 'read',
    summary: 'Make a report',
    description: `One of ${reports.map(({ slug }) => slug).join(', ')}.`,
    params: z.strictObject({ report: z.string() }),
    query: querySchema,
    answer: { schema: reportSchema, description: 'The report, with the window that it is about.' },
    handle: async ({ params, query, reader }) =>
      await makeReport(reader, params.report, {
        since: query.since,
        until: query.until,
        workflowName: query.workflow_name,
        tenant: query.tenant,
        operation: query.operation,
        executionId: query.execution_id,
        fromVersion: query.from_version,
        toVersion: query.to_version,
        period: query.period,
        limit: query.limit,
      }),
  })
