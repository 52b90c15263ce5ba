import { TrailError } from '@steptrail/event'
import type { Query } from '../database/database.ts'
import { archivedColumns } from './archive/archived-columns.ts'
import type { ArchivedFile } from './archive/archive.ts'
import { conditionOf, type RetentionPlan } from './plan-retention.ts'
import { type DoomedRows, readDoomedRows, type RetainedMonth, rowsOf } from './retained-tables.ts'
import type { RunContext } from './run-context.ts'

/**
 * Archives what goes: execution audits to the table `workflow_execution_audit_archive`, and everything to the archive,
 * where there is one. Each is read back before it counts.
 */
export async function archiveDoomed(
  query: Query,
  context: RunContext,
  plan: RetentionPlan,
): Promise<readonly ArchivedFile[]> {
  const { runId, options } = context
  const { archive, signal } = options
  const files: ArchivedFile[] = []
  for (const month of plan.months) {
    signal?.throwIfAborted()
    const condition = await conditionOf(query, month, context)
    if (month.table === 'workflow_execution_audit') await archiveToTable(query, month, condition)
    if (!archive) continue
    const columns = await archivedColumns(query, month.table)
    const rows = readDoomedRows(query, { ...month, place: rowsOf(month), condition, columns })
    const file = await archive.store({ ...month, runId, columns, rows })
    if (file.rowCount !== month.dropCount) throw incomplete(month.partition, month.dropCount, file.rowCount)
    files.push(file)
  }
  if (!archive) return []
  const audits = await archiveResultAudits(query, context)
  const all = audits ? [...files, audits] : files
  if (all.length > 0) await archive.finish(runId, all)
  return all
}

async function archiveToTable(query: Query, month: RetainedMonth, condition: string): Promise<void> {
  await query(
    `insert into workflow_execution_audit_archive select kept.* from ${rowsOf(month)} as kept where ${condition}`,
  )
  const { rows } = await query<{ doomed: number; archived: number }>(
    `select count(*) as doomed,
            count(*) filter (
              where exists (
                select
                from workflow_execution_audit_archive as archived
                where archived.id = kept.id
                  and archived.created_at = kept.created_at
                  and archived = kept
              )
            ) as archived
    from ${rowsOf(month)} as kept
    where ${condition}`,
  )
  const { doomed = 0, archived = 0 } = rows[0] ?? {}
  if (doomed !== archived) throw incomplete(month.partition, doomed, archived)
}

async function archiveResultAudits(query: Query, context: RunContext): Promise<ArchivedFile | null> {
  const { runId, options } = context
  const table = 'workflow_step_result_audit'
  const doomed: DoomedRows = {
    table,
    place: table,
    condition: `kept.task_uuid in (
      select uuid_or_null(execution_id) from retention_doomed where run_id = '${runId}'
    )`,
    columns: await archivedColumns(query, table),
  }
  const { rows } = await query<{ any: boolean }>(
    `select exists (select from ${table} as kept where ${doomed.condition}) as any`,
  )
  if (!rows[0]?.any || !options.archive) return null
  const { columns } = doomed
  return await options.archive.store({
    runId,
    table,
    month: null,
    columns,
    rows: readDoomedRows(query, doomed),
  })
}

const incomplete = (place: string, wanted: number, found: number): TrailError =>
  new TrailError(
    'archive_unverified',
    `of ${wanted} rows of ${place} that were to be archived, the archive has ${found}: nothing was let go of`,
    { details: { place, wanted, found } },
  )
