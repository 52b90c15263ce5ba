import { isUuid } from '@steptrail/event'
import { isoOf } from '../execution/instant.ts'
import { prefixOf, type TablePlace, type TransactionQuery } from './write-events.ts'

/** Where an execution's events have got to, read under its lock. */
export interface ExecutionSequence {
  readonly executionId: string
  /** The number that its next event gets. */
  readonly nextSeq: number
  /** The time of its last event in milliseconds since 1970; null before the first. */
  readonly lastEventAt: number | null
  readonly workflowName: string
  readonly workflowVersion: string
  readonly correlationId: string
  readonly tenant: string
}

/**
 * Locks executions of ours until the transaction ends, always in the order of their ids, and says where their
 * sequences stand. An id that is not the id of an execution of ours is left out.
 */
export async function lockSequences(
  tx: TransactionQuery,
  executionIds: Iterable<string>,
  place: TablePlace,
): Promise<ReadonlyMap<string, ExecutionSequence>> {
  const ids = [...new Set(executionIds)].filter(isUuid)
  if (ids.length === 0) return new Map()
  const { rows } = await tx(lockStatement(prefixOf(place)), [JSON.stringify(ids)])
  return new Map((rows as readonly SequenceRow[]).map((row) => [row.execution_id, sequenceOf(row)]))
}

/** Stores how far the sequences have got. */
export async function advanceSequences(
  tx: TransactionQuery,
  sequences: readonly ExecutionSequence[],
  place: TablePlace,
): Promise<void> {
  if (sequences.length === 0) return
  const changes = sequences.map((sequence) => ({
    execution_id: sequence.executionId,
    next_seq: sequence.nextSeq,
    last_event_at: sequence.lastEventAt === null ? null : isoOf(sequence.lastEventAt),
  }))
  await tx(advanceStatement(prefixOf(place)), [JSON.stringify(changes)])
}

interface SequenceRow {
  readonly execution_id: string
  readonly next_seq: string
  readonly last_event_ms: string | null
  readonly workflow_name: string
  readonly workflow_version: string
  readonly correlation_id: string
  readonly tenant: string
}

const sequenceOf = (row: SequenceRow): ExecutionSequence => ({
  executionId: row.execution_id,
  nextSeq: Number(row.next_seq),
  lastEventAt: row.last_event_ms === null ? null : Number(row.last_event_ms),
  workflowName: row.workflow_name,
  workflowVersion: row.workflow_version,
  correlationId: row.correlation_id,
  tenant: row.tenant,
})

const lockStatement = (prefix: string): string => `
select execution_id::text as execution_id,
       next_seq::text as next_seq,
       floor(extract(epoch from last_event_at) * 1000)::text as last_event_ms,
       workflow_name, workflow_version, correlation_id, tenant
from ${prefix}workflow_executions as execution
where execution.execution_id in (select value::uuid from json_array_elements_text($1::text::json))
order by execution.execution_id
for no key update of execution`

const advanceStatement = (prefix: string): string => `
update ${prefix}workflow_executions as execution
set next_seq = change.next_seq,
    last_event_at = change.last_event_at
from json_to_recordset($1::text::json)
  as change(execution_id uuid, next_seq bigint, last_event_at timestamptz(3))
where execution.execution_id = change.execution_id`
