import { TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import type { PreparedStatement, Query } from '../database/database.ts'
import { eventArrays, recordedColumns } from './event-arrays.ts'

/**
 * Writes events that are not on record yet. To look for each of them first costs a third of the whole, so it is only
 * done where that was needed: from a batch with a repetition on, until one comes without.
 */
export class RecordedRows {
  readonly #query: Query
  #expectsRepetitions = false

  constructor(query: Query) {
    this.#query = query
  }

  /** The ids of those written, or `all`. */
  async insert(batch: readonly OutgoingEvent[]): Promise<'all' | Set<string>> {
    const arrays = await eventArrays(batch)
    if (!this.#expectsRepetitions && (await this.#insertsNew(arrays))) return 'all'
    const { rows } = await this.#query<{ readonly ids: readonly string[] | null }>(insertUnknown, [
      ...arrays,
      batch.length,
    ])
    const ids = rows[0]?.ids
    this.#expectsRepetitions = Boolean(ids)
    return ids ? new Set(ids) : 'all'
  }

  /** Writes all of them, or none when one is on record. */
  async #insertsNew(arrays: readonly Buffer[]): Promise<boolean> {
    try {
      await this.#query(insertNew, arrays)
      return true
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== uniqueViolation) throw error
      return false
    }
  }
}

const uniqueViolation = '23505'

/** Whether each of these events is on record with the same content, in order. */
export async function readRepetitions(
  query: Query,
  batch: readonly OutgoingEvent[],
): Promise<readonly boolean[]> {
  const { rows } = await query<{ readonly is_repetition: boolean | null }>(compareStatement, [
    ...(await eventArrays(batch)),
  ])
  return rows.map(({ is_repetition }) => {
    if (is_repetition !== null) return is_repetition
    // Only when the other transaction's event went away between the two statements, which nothing does.
    throw new TrailError('event_conflict', 'an event was on record and is not any more: try again')
  })
}

const names = recordedColumns.map(({ column }) => column).join(', ')

const given = recordedColumns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')

const insertEvents = `
  insert into audit_event (${names})
  select ${names}
  from unnest(${given}) as event(${names})`

const insertNew: PreparedStatement = { name: 'insert new events', text: insertEvents }

/** The ids only where some are missing: mostly there is one number to send back. */
const insertUnknown: PreparedStatement = {
  name: 'insert unknown events',
  text: `
with written as (${insertEvents}
  on conflict (id, timestamp) do nothing
  returning id
)
select case when count(*) < $${recordedColumns.length + 1}::int then coalesce(json_agg(id), '[]') end as ids
from written`,
}

/** What does not belong to the content: where it has been numbered, and the trace of the attempt. */
const notContent = new Set<string>(['executionSeq', 'recorderId', 'recorderSeq', 'traceId', 'spanId'])
const content = recordedColumns.filter(({ key }) => !notContent.has(key))
const contentOf = (table: string): string => content.map(({ column }) => `${table}.${column}`).join(', ')

const compareStatement = `
select case when stored.id is not null
         then (${contentOf('stored')}) is not distinct from (${contentOf('event')})
       end as is_repetition
from unnest(${given}) with ordinality as event(${names}, place)
left join audit_event as stored on stored.id = event.id and stored.timestamp = event.timestamp
order by event.place`
