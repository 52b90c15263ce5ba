import type { Reader } from '@steptrail/core'

/** How executions of a version went; counted from their audits, never stored. */
export interface SuccessMetrics {
  readonly expectedSuccessRate: number | null
  /** From 0 to 1; null as long as nothing was executed. */
  readonly actualSuccessRate: number | null
  readonly totalExecutions: number
  readonly successfulExecutions: number
}

/** A version whose executions are counted. */
export interface CountedVersion {
  readonly workflowName: string
  readonly version: string
  readonly expectedSuccessRate: number | null
}

/** The metrics of versions, in the order given. Of an execution that was taken up again its last end counts. */
export async function successMetrics(
  { query }: Reader,
  versions: readonly CountedVersion[],
  tenant: string,
): Promise<readonly SuccessMetrics[]> {
  if (versions.length === 0) return []
  const names = [...new Set(versions.map(({ workflowName }) => workflowName))]
  const { rows } = await query<MetricsRow>(selectMetrics, [tenant, names])
  const counted = new Map(rows.map((row) => [JSON.stringify([row.workflow_name, row.workflow_version]), row]))
  return versions.map(({ workflowName, version, expectedSuccessRate }) => {
    const row = counted.get(JSON.stringify([workflowName, version]))
    const total = row?.total ?? 0
    const successful = row?.successful ?? 0
    return {
      expectedSuccessRate,
      actualSuccessRate: total === 0 ? null : successful / total,
      totalExecutions: total,
      successfulExecutions: successful,
    }
  })
}

interface MetricsRow {
  readonly workflow_name: string
  readonly workflow_version: string
  readonly total: number
  readonly successful: number
}

const selectMetrics = `
select
  workflow_name,
  workflow_version,
  count(*) as total,
  count(*) filter (where outcome = 'success') as successful
from workflow_execution_audit as audit
where tenant = $1
  and workflow_name = any($2::text[])
  and not exists (
    select
    from workflow_execution_audit as later
    where later.execution_id = audit.execution_id
      and later.supersedes_seq = audit.ended_seq
      and later.supersedes_seq is not null
  )
group by workflow_name, workflow_version`
