import { TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import { BinaryCells } from '../database/binary-cells.ts'
import type { CopyIn, Database, PreparedStatement, Query } from '../database/database.ts'
import { copiedColumns, eventArrays, writeCopy } from './event-cells.ts'
import { recordedColumns } from './recorded-columns.ts'

/**
 * Writes events that are not on record yet: by COPY, which costs the server least; by one INSERT where a table's
 * row-level security refuses COPY, and on the embedded database. To look for each of them first costs a third of the
 * whole, so it is only done where that was needed: from a batch with a repetition on, until one comes without.
 */
export class RecordedRows {
  readonly #query: Query
  /** What COPY is given, to be used again: as many as there were writes at a time. */
  readonly #inputs: BinaryCells[] = []
  #copy: CopyIn | null
  #expectsRepetitions = false

  constructor({ query, copy }: Pick<Database, 'query' | 'copy'>) {
    this.#query = query
    this.#copy = copy
  }

  /** The ids of those written, or `all`. */
  async insert(batch: readonly OutgoingEvent[]): Promise<'all' | Set<string>> {
    if (!this.#expectsRepetitions && (await this.#insertsNew(batch))) return 'all'
    const arrays = await eventArrays(batch)
    const { rows } = await this.#query<{ readonly ids: readonly string[] | null }>(insertUnknown, [
      ...arrays,
      batch.length,
    ])
    const ids = rows[0]?.ids
    this.#expectsRepetitions = Boolean(ids)
    return ids ? new Set(ids) : 'all'
  }

  /** Writes all of them, or none when one is on record. */
  async #insertsNew(batch: readonly OutgoingEvent[]): Promise<boolean> {
    try {
      if (!this.#copy || !(await this.#copies(batch, this.#copy)))
        await this.#query(insertNew, await eventArrays(batch))
      return true
    } catch (error) {
      if (stateOf(error) !== uniqueViolation) throw error
      return false
    }
  }

  /** Whether it may. */
  async #copies(batch: readonly OutgoingEvent[], copy: CopyIn): Promise<boolean> {
    const input = this.#inputs.pop() ?? new BinaryCells(usualBytes)
    await writeCopy(batch, input)
    try {
      await copy(copyNew, input.bytes)
    } catch (error) {
      if (stateOf(error) !== featureNotSupported) throw error
      this.#copy = null
      return false
    }
    if (input.length <= keptBytes) this.#inputs.push(input)
    return true
  }
}

const stateOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code

/** What a batch takes that is full, and the most that is kept for the next. */
const usualBytes = 1024 ** 2
const keptBytes = 4 * usualBytes

/** What COPY into a table with row-level security is. */
const featureNotSupported = '0A000'
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

const copyNew = `copy audit_event (${copiedColumns.join(', ')}) from stdin with (format binary)`

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
