import type { Query } from '@steptrail/core'
import type { Actor } from '@steptrail/event'
import { recordCatalogChanges } from './record-catalog-change.ts'

/** Whose catalogue is changed, and by whom. */
export interface ChangedBy {
  readonly tenant: string
  readonly actor: Actor
  readonly reason: string | null
}

/**
 * Offers these workflows, and of each name no other version: what was offered instead is deprecated, on record. Gives, for
 * each, the versions that it took the place of.
 */
export async function activate(
  tx: Query,
  { tenant, actor, reason }: ChangedBy,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await tx<SupersededRow>(supersede, [tenant, workflowIds])
  await tx(offer, [tenant, workflowIds])
  await recordCatalogChanges(
    tx,
    rows.map((row) => ({
      eventType: 'workflow.catalog.deprecated',
      actor,
      reason: reason ?? row.disabled_reason,
      tenant,
      resource: { type: 'workflow_catalog', id: row.workflow_id },
      workflow: { workflowName: row.workflow_name, version: row.version },
      before: { status: 'active', disabledReason: null },
      after: { status: 'deprecated', disabledReason: row.disabled_reason },
      contentHash: row.content_hash,
    })),
  )
  const superseded = Map.groupBy(rows, ({ superseded_by }) => superseded_by)
  return new Map([...superseded].map(([id, olds]) => [id, olds.map(({ version }) => version)]))
}

interface SupersededRow {
  readonly workflow_id: string
  readonly workflow_name: string
  readonly version: string
  readonly disabled_reason: string
  readonly content_hash: string
  readonly superseded_by: string
}

const supersede = `
update workflow_catalog as old
set status = 'deprecated',
    disabled_reason = 'superseded by version ' || new.version,
    status_changed_at = date_trunc('milliseconds', clock_timestamp())
from workflow_catalog as new
where new.tenant = $1
  and new.workflow_id = any($2::uuid[])
  and old.tenant = new.tenant
  and old.workflow_name = new.workflow_name
  and old.workflow_id <> new.workflow_id
  and old.status = 'active'
returning
  old.workflow_id,
  old.workflow_name,
  old.version,
  old.disabled_reason,
  old.content_hash,
  new.workflow_id as superseded_by`

const offer = `
update workflow_catalog
set status = 'active',
    disabled_reason = null,
    status_changed_at = date_trunc('milliseconds', clock_timestamp())
where tenant = $1
  and workflow_id = any($2::uuid[])
  and status <> 'active'`
