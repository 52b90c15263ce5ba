import type { Connection } from '../connection/connection.ts'
import { type Report, type ReportList, reportListSchema, reportMadeSchema } from '../messages/index.ts'
import type { RequestOptions } from './request-options.ts'

/** What may be asked of a report: the parameters of the API under their own names. */
export interface ReportQuery {
  /** ISO 8601 with its offset. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly workflow_name?: string | undefined
  readonly tenant?: string | undefined
  readonly operation?: string | undefined
  readonly execution_id?: string | undefined
  readonly from_version?: string | undefined
  readonly to_version?: string | undefined
  readonly period?: string | undefined
  /** Rows, 1 to 1,000. */
  readonly limit?: number | undefined
}

/** Reports over HTTP. Each method rejects with a `TrailError` that has the code of the server's problem. */
export class AnalyticsApi {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** What reports there are. */
  list({ signal }: RequestOptions = {}): Promise<ReportList> {
    return this.#connection.json({ method: 'GET', path: '/api/v1/analytics', signal }, reportListSchema)
  }

  /** Makes a report, such as `failure-rate`. */
  report(report: string, query: ReportQuery = {}, { signal }: RequestOptions = {}): Promise<Report> {
    const path = `/api/v1/analytics/${encodeURIComponent(report)}`
    return this.#connection.json({ method: 'GET', path, query: { ...query }, signal }, reportMadeSchema)
  }
}
