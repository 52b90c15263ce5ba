import { type Reader, readCursor, writeCursor } from '@steptrail/core'
import { instantText, isStorable } from '@steptrail/event'
import { z } from 'zod'
import type { CatalogStatus } from '@steptrail/workflow'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { workflowColumns, workflowsOfTenant, type WorkflowRow } from '../snapshot/workflow-row.ts'
import { checkedLimit } from './page-limit.ts'
import { type SuccessMetrics, successMetrics } from './success-metrics.ts'

/** Which workflows, and which page of them. Filters that are given must all hold. */
export interface CatalogListRequest {
  readonly actionType?: string | undefined
  readonly status?: CatalogStatus | undefined
  readonly workflowName?: string | undefined
  /** 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

/** A workflow of the catalogue at a glance, with how it went. */
export interface CatalogEntrySummary extends Omit<CatalogWorkflow, 'folded'> {
  readonly successMetrics: SuccessMetrics
}

/** One page, by name, the version registered last first. */
export interface CatalogPage {
  readonly items: readonly CatalogEntrySummary[]
  readonly nextCursor: string | null
}

const positionSchema = z.strictObject({
  name: z.string().refine(isStorable),
  registeredAt: instantText('is no instant'),
  id: z.guid(),
})

/** Workflows of a catalogue, whether offered or not. Throws `invalid_cursor`; `invalid_input` for the limit. */
export async function listCatalog(
  reader: Reader,
  tenant: string,
  { actionType, status, workflowName, limit = 100, cursor }: CatalogListRequest = {},
): Promise<CatalogPage> {
  const after = cursor === undefined ? null : readCursor(cursor, positionSchema)
  const { rows } = await reader.query<WorkflowRow>(selectPage, [
    tenant,
    actionType ?? null,
    status ?? null,
    workflowName ?? null,
    after?.name ?? null,
    after?.registeredAt ?? null,
    after?.id ?? null,
    checkedLimit(limit) + 1,
  ])
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    items: await withMetrics(reader, page, tenant),
    nextCursor: last
      ? writeCursor({ name: last.workflowName, registeredAt: last.registeredAt, id: last.workflowId })
      : null,
  }
}

/** Workflows with how they went. */
export async function withMetrics<Row extends WorkflowRow>(
  reader: Reader,
  rows: readonly Row[],
  tenant: string,
): Promise<readonly (Row & { readonly successMetrics: SuccessMetrics })[]> {
  const metrics = await successMetrics(reader, rows, tenant)
  return rows.flatMap((row, index) => {
    const found = metrics[index]
    return found ? [{ ...row, successMetrics: found }] : []
  })
}

const selectPage = `
select ${workflowColumns}
${workflowsOfTenant}
  and ($2::text is null or workflow.action_type = $2)
  and ($3::text is null or workflow.status = $3)
  and ($4::text is null or workflow.workflow_name = $4)
  and (
    $5::text is null
    or workflow.workflow_name collate "C" > $5
    or (
      workflow.workflow_name = $5
      and (workflow.registered_at, workflow.workflow_id) < ($6::timestamptz, $7::uuid)
    )
  )
order by workflow.workflow_name collate "C", workflow.registered_at desc, workflow.workflow_id desc
limit $8`
