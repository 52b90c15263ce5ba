import type { Query } from '../database/database.ts'
import { ensurePartitions, type PartitionMonth, partitionsOf } from '../partition/ensure-partitions.ts'
import { auditRow } from '../execution-audit/audit-rows.ts'
import { eventRows } from '../trail/write-events.ts'
import type { AdvancedExecution, AdvanceEnvironment } from './advance-execution.ts'
import { composeWrite } from './compose-write.ts'
import { edgeRows, executionRow, newExecutionRow, stepRow, transitionRows } from './execution-rows.ts'
import { millisecondsOf } from './instant.ts'

/** What the writer gets from outside. */
export type WriteEnvironment = Pick<AdvanceEnvironment, 'now' | 'partitions'> & {
  /** Workers that steps are claimed for in the same statement: it fails unless their leases hold. */
  readonly claiming?: readonly string[]
  /** Fail if `now` is further than a second from the database's clock: it was not read in this transaction. */
  readonly checksNow?: boolean
}

/** What was written. */
export interface WrittenExecutions {
  /** The partitions that the database was asked for: known to be there once the transaction has committed. */
  readonly asked: readonly PartitionMonth[]
  /** The database's clock, in milliseconds since 1970; null when nothing was to be written. */
  readonly now: number | null
  /** The version that the executions have now. */
  readonly version: string | null
}

/**
 * Writes executions that have been advanced, all of it in one statement: executions, steps, transitions (the
 * database's trigger adds the result audit) and events. It locks the executions without waiting, those that are
 * not locked already, and compares everything with what was read: so it may stand alone, as a transaction of its
 * own, and nothing that was decided meanwhile is overwritten.
 *
 * @throws TrailError `transition_conflict` when an execution or step has moved since it was read, is locked by
 *   another transaction, exists already, or a lease has run out: nothing is written. Read again and decide anew
 */
export async function writeExecutions(
  tx: Query,
  advanced: readonly AdvancedExecution[],
  { now, partitions, claiming = [], checksNow = false }: WriteEnvironment,
): Promise<WrittenExecutions> {
  if (advanced.length === 0) return { asked: [], now: null, version: null }
  const asked = await ensurePartitions(tx, wantedPartitions(advanced, now), partitions)
  const stored = advanced.filter(({ loaded }) => loaded.version !== null)
  const fresh = advanced.filter(({ loaded }) => loaded.version === null)
  const steps = advanced.flatMap((execution) => execution.steps.map((step) => ({ execution, step })))
  const changed = steps.filter(({ step }) => step.before !== null)
  const created = steps.filter(({ step }) => step.before === null)
  const { statement, values } = composeWrite({
    now,
    checksNow,
    claiming,
    changed: stored.map((execution) => executionRow(execution, now)),
    created: fresh.map((execution) => newExecutionRow(execution, now)),
    changedSteps: changed.map(({ execution, step }) => stepRow(execution, step)),
    createdSteps: created.map(({ execution, step }) => stepRow(execution, step)),
    edges: created.flatMap(({ execution, step }) => edgeRows(execution, step.after)),
    transitions: advanced.flatMap((execution) => transitionRows(execution, now)),
    events: eventRows(advanced.flatMap(({ events }) => events)),
    audits: advanced.flatMap(({ audits }) => audits.map(auditRow)),
  })
  const { rows } = await tx<{ now: string; version: string }>(statement, values)
  const [written] = rows
  return { asked, now: written ? millisecondsOf(written.now) : null, version: written?.version ?? null }
}

const transitionTimes = (advanced: readonly AdvancedExecution[], now: number): readonly number[] => [
  now,
  ...advanced.flatMap(({ transitions }) => transitions.flatMap(({ at }) => at ?? [])),
]

/** The partitions that advanced executions are written to. */
export function wantedPartitions(
  advanced: readonly AdvancedExecution[],
  now: number,
): readonly PartitionMonth[] {
  const events = advanced.flatMap((execution) => execution.events)
  return [
    ...partitionsOf('workflow_step_transitions', transitionTimes(advanced, now)),
    ...partitionsOf(
      'audit_event',
      events.map((event) => event.timestamp),
    ),
    ...partitionsOf(
      'workflow_execution_audit',
      advanced.flatMap(({ audits }) => audits.map(({ createdAt }) => createdAt)),
    ),
  ]
}
