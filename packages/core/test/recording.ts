import { type Database, recordIn } from '@steptrail/core'
import type { EventInput } from '@steptrail/event'

/** An operation, and whatever else a test says of it. */
export const operation = (more: Partial<EventInput> = {}): EventInput => ({
  eventType: 'OPERATION',
  action: 'config_update',
  ...more,
})

/** Records events in a transaction of their own. */
export const record = (database: Database, events: readonly EventInput[], environment = {}) =>
  database.transaction((tx) => recordIn(tx, events, environment))

/** An event in its sequence. */
export interface SequenceRow {
  readonly execution_seq: number | null
  readonly timestamp: string
  readonly id: string
}

/** The events of an execution by their number. */
export async function sequenceOf(database: Database, executionId: string): Promise<SequenceRow[]> {
  const { rows } = await database.query<SequenceRow>(
    `select execution_seq, timestamp, id::text as id from audit_event where execution_id = $1 order by execution_seq`,
    [executionId],
  )
  return rows
}

const countOf = async (database: Database): Promise<number> =>
  (await database.query<{ count: number }>('select count(*) from audit_event')).rows[0]?.count ?? -1

/** How many events are on record after `work` that were not before. */
export async function added(database: Database, work: () => Promise<unknown>): Promise<number> {
  const before = await countOf(database)
  await work()
  return (await countOf(database)) - before
}
