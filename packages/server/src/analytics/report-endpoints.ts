import {
  limitParameter,
  reportListSchema,
  reportMadeSchema,
  textParameter,
  wordParameter,
} from '@steptrail/client/messages'
import { makeReport, type Report, reportPeriods, type ReportRequest, reports } from '@steptrail/core'
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

/** `/api/v1/analytics`: what reports there are, and each of them. */
export const reportEndpoints = (): readonly Endpoint[] => [listEndpoint(), reportEndpoint()]

/** The parameters of the reports by the names that they have in the API. */
const parameterNames: Readonly<Record<keyof ReportRequest, string>> = {
  since: 'since',
  until: 'until',
  workflowName: 'workflow_name',
  tenant: 'tenant',
  operation: 'operation',
  executionId: 'execution_id',
  fromVersion: 'from_version',
  toVersion: 'to_version',
  period: 'period',
  limit: 'limit',
}

const listEndpoint = (): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/analytics',
    tag: 'analytics',
    scope: 'read',
    summary: 'List the reports',
    answer: { schema: reportListSchema, description: 'Every report, and what may be asked of it.' },
    handle: () => ({
      reports: reports.map(({ slug, about, columns, windowDays, takes, requires }: Report) => ({
        report: slug,
        about,
        window_days: windowDays,
        takes: takes.map((name) => parameterNames[name]),
        requires: requires.map((name) => parameterNames[name]),
        columns: [...columns],
      })),
    }),
  })

const reportEndpoint = (): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/analytics/{report}',
    tag: 'analytics',
    scope: 'read',
    mayLag: true,
    summary: 'Make a report',
    description: `One of ${reports.map(({ slug }) => slug).join(', ')}.`,
    params: z.strictObject({ report: z.string() }),
    query: querySchema,
    answer: { schema: reportMadeSchema, description: 'The report, with the window that it is about.' },
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
