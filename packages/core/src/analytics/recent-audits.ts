import { fromAuditRow } from '../execution-audit/audit-row.ts'
import type { StoredExecutionAudit } from '../execution-audit/audit-rows.ts'
import { selectAudits } from '../execution-audit/read-execution-audit.ts'
import { fetchRows, type Reader } from '../trail/compose.ts'

/** Audits that were made at this instant or later, ISO 8601, the oldest first; at most 10,000. */
export async function recentExecutionAudits(
  reader: Reader,
  since: string,
): Promise<readonly StoredExecutionAudit[]> {
  const rows = await fetchRows(
    reader,
    selectAudits().where('created_at', '>=', since).orderBy('created_at').orderBy('id').limit(10_000),
  )
  return rows.map(fromAuditRow)
}
