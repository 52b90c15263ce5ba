import type { Database } from '@steptrail/core'
import { readSealingLag, verifyTrail } from '@steptrail/log'
import { readDeadLetters } from '@steptrail/nats'
import { type Fleet, stream } from './fleet.ts'

/** What the load says that it did. */
export interface Deeds {
  /** Events that were acknowledged. */
  readonly emitted: number
  /** Executions that were begun. */
  readonly started: readonly string[]
}

/** What is on record of it. */
export interface Standing {
  readonly events: number
  readonly ids: number
  readonly numbers: number
  readonly last: number
  /** Executions that have come to a proper end, of those that were begun. */
  readonly ended: number
  readonly unsealed: number
}

/** How it has to stand in the end: each event once, with dense numbers; each execution ended; all of it sealed. */
export const standingOf = ({ emitted, started }: Deeds): Standing => ({
  events: emitted,
  ids: emitted,
  numbers: emitted,
  last: emitted,
  ended: started.length,
  unsealed: 0,
})

/** How it stands. */
export async function readStanding(database: Database, { started }: Deeds): Promise<Standing> {
  const { rows } = await database.query<Omit<Standing, 'unsealed'>>(selectStanding, [JSON.stringify(started)])
  const [row] = rows
  if (!row) throw new Error('an aggregate without a row')
  const { unsealed } = await readSealingLag(database)
  return { ...row, unsealed }
}

const selectStanding = `
select
  count(*)::int as events,
  count(distinct id)::int as ids,
  count(distinct recorder_seq)::int as numbers,
  coalesce(max(recorder_seq), 0)::int as last,
  (
    select count(*)::int
    from workflow_executions
    where execution_id::text in (select json_array_elements_text($1::text::json)) and status in ('completed', 'failed', 'cancelled')
  ) as ended
from audit_event
where event_type = 'OPERATION' and action like 'act!_%' escape '!'`

/** What is wrong with the trail of a fleet that has come to rest; empty when nothing is. */
export async function faultsOf({ database, nats, machines }: Fleet): Promise<readonly string[]> {
  const faults = machines.flatMap(({ wrecks }) => wrecks)
  for await (const letter of readDeadLetters({ servers: nats.servers, stream }))
    faults.push(`set aside: ${JSON.stringify(letter)}`)
  const { outcome, defect } = await verifyTrail(database, { actor: null })
  if (outcome !== 'verified') faults.push(`verifying ended with ${outcome}: ${JSON.stringify(defect)}`)
  return faults
}
