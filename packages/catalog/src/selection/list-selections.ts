import { instantText, isStorable } from '@steptrail/event'
import { type Reader, readCursor, writeCursor } from '@steptrail/core'
import { z } from 'zod'
import { checkedLimit } from '../read/page-limit.ts'

/** Which selections, and which page of them. */
export interface SelectionListRequest {
  /** Begun at this instant or later; ISO 8601. The last 7 days unless given. */
  readonly since?: string | undefined
  /** Begun before this instant. */
  readonly until?: string | undefined
  /** In which this workflow was chosen. */
  readonly workflowName?: string | undefined
  /** 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

/** A selection at a glance. */
export interface SelectionSummary {
  readonly remediationId: string
  readonly firstAt: string
  readonly lastAt: string
  readonly calls: number
  readonly refusedCalls: number
  /** The workflow that was chosen last with valid parameters; null where none was. */
  readonly chosenWorkflow: string | null
  readonly chosenVersion: string | null
  /** How what was executed for it ended last; null where nothing has ended. */
  readonly outcome: string | null
}

/** One page, the selection that began last first. */
export interface SelectionPage {
  readonly items: readonly SelectionSummary[]
  readonly nextCursor: string | null
}

const positionSchema = z.strictObject({
  firstAt: instantText('is no instant'),
  remediationId: z.string().refine(isStorable),
})
const weekMs = 7 * 86_400_000

/** Selections of a tenant. Throws `invalid_cursor`; `invalid_input` for the limit. */
export async function listSelections(
  reader: Reader,
  tenant: string,
  { since, until, workflowName, limit = 100, cursor }: SelectionListRequest = {},
): Promise<SelectionPage> {
  const after = cursor === undefined ? null : readCursor(cursor, positionSchema)
  const { rows } = await reader.query<SelectionSummary>(selectSelections, [
    tenant,
    since ?? new Date(Date.now() - weekMs).toISOString(),
    until ?? null,
    workflowName ?? null,
    after?.firstAt ?? null,
    after?.remediationId ?? null,
    checkedLimit(limit) + 1,
  ])
  const items = rows.slice(0, limit)
  const last = rows.length > limit ? items.at(-1) : undefined
  return {
    items,
    nextCursor: last ? writeCursor({ firstAt: last.firstAt, remediationId: last.remediationId }) : null,
  }
}

const selectSelections = `
with call as (
  select correlation_id, "timestamp", id, event_type, status, details
  from audit_event
  where tenant = $1
    and event_type in (
      'workflow.catalog.actions_listed',
      'workflow.catalog.workflows_listed',
      'workflow.catalog.workflow_retrieved',
      'workflow.catalog.selection_validated',
      'workflow.catalog.search_completed'
    )
    and "timestamp" >= $2::timestamptz
    and ($3::timestamptz is null or "timestamp" < $3::timestamptz)
),
selection as (
  select
    correlation_id,
    min("timestamp") as first_at,
    max("timestamp") as last_at,
    count(*) as calls,
    count(*) filter (where status = 'FAILED') as refused_calls,
    (
      array_agg(details -> 'payload' order by id desc)
        filter (where event_type = 'workflow.catalog.selection_validated' and status = 'SUCCESS')
    )[1] as chosen
  from call
  group by correlation_id
)
select
  selection.correlation_id as "remediationId",
  selection.first_at as "firstAt",
  selection.last_at as "lastAt",
  selection.calls,
  selection.refused_calls as "refusedCalls",
  selection.chosen ->> 'workflowName' as "chosenWorkflow",
  selection.chosen ->> 'version' as "chosenVersion",
  (
    select audit.outcome
    from workflow_execution_audit as audit
    where audit.remediation_id = selection.correlation_id
      and audit.tenant = $1
    order by audit.created_at desc, audit.ended_seq desc
    limit 1
  ) as outcome
from selection
where ($4::text is null or selection.chosen ->> 'workflowName' = $4)
  and ($5::timestamptz is null or (selection.first_at, selection.correlation_id) < ($5, $6))
order by selection.first_at desc, selection.correlation_id desc
limit $7`
