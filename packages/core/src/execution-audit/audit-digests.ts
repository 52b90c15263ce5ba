import { canonicalJson } from '@steptrail/verify'
import { executionAuditJson } from '@steptrail/workflow'
import type { Query } from '../database/database.ts'
import { sha256 } from '../execution/definitions.ts'
import { type AuditRow, fromAuditRow } from './audit-row.ts'

/** What the event that an execution ended with should have as its `auditDigest`, by the audit that is stored of that end. */
export interface AuditDigest {
  readonly executionId: string
  /** The number of that event. */
  readonly endedSeq: number
  /** SHA-256 of the audit's canonical JSON, in hexadecimal. */
  readonly digest: string
}

/** Digests of the stored audits of these executions, made anew; of those that an event ended. */
export const auditDigests = (
  query: Query,
  executionIds: readonly string[],
): Promise<readonly AuditDigest[]> => digestsIn('workflow_execution_audit', query, executionIds)

/** The same of audits that retention has let go of, which it keeps in a table of their own. It has no index by execution. */
export const archivedAuditDigests = (
  query: Query,
  executionIds: readonly string[],
): Promise<readonly AuditDigest[]> => digestsIn('workflow_execution_audit_archive', query, executionIds)

async function digestsIn(
  table: 'workflow_execution_audit' | 'workflow_execution_audit_archive',
  query: Query,
  executionIds: readonly string[],
): Promise<readonly AuditDigest[]> {
  const { rows } = await query<AuditRow & { readonly execution_id: string; readonly ended_seq: number }>(
    `select *, (extract(epoch from total_duration) * 1000)::bigint as total_duration_ms
     from ${table}
     where execution_id = any($1::text[])
       and ended_seq is not null
     order by execution_id, ended_seq`,
    [executionIds],
  )
  return rows.map((row) => ({
    executionId: row.execution_id,
    endedSeq: row.ended_seq,
    digest: sha256(canonicalJson(executionAuditJson(fromAuditRow(row)))),
  }))
}
