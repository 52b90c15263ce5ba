import { type AuditEvent, eventColumns } from '@steptrail/event'
import { canonicalJson, type Json } from '@steptrail/verify'
import { isoOf, millisecondsOf } from '../execution/instant.ts'
import type { GivenEvent } from './given-events.ts'
import { prefixOf, type TablePlace, type TransactionQuery } from './write-events.ts'

/** What the database knows. */
export interface Knowledge {
  /** Its clock, in milliseconds since 1970. */
  readonly now: number
  /** Events that are on record, by id. */
  readonly events: ReadonlyMap<string, AuditEvent>
}

/** Which of these events are on record, and what time it is. */
export async function readKnowledge(
  tx: TransactionQuery,
  events: readonly AuditEvent[],
  place: TablePlace,
): Promise<Knowledge> {
  const wanted = events.map(({ id, timestamp }) => ({ id, timestamp }))
  const { rows } = await tx(selectStatement(prefixOf(place)), [JSON.stringify(wanted)])
  const [row] = rows as readonly { readonly now: string; readonly events: string }[]
  const known = (JSON.parse(row?.events ?? '[]') as readonly EventAsJson[]).map(eventOf)
  return { now: Number(row?.now), events: new Map(known.map((event) => [event.id, event])) }
}

/**
 * Whether recording `given` when `known` is on record is a repetition: everything the caller decides is the
 * same. What the database gave is left out, and the trace when the caller did not name one: it is the attempt's.
 */
export function isRepetition({ event, hasGivenTrace }: GivenEvent, known: AuditEvent): boolean {
  return contentOf(event, hasGivenTrace) === contentOf(known, hasGivenTrace)
}

function contentOf(event: AuditEvent, isTraced: boolean): string {
  const content: Record<string, Json> = { ...event }
  for (const key of givenByDatabase) delete content[key]
  return canonicalJson(isTraced ? content : { ...content, traceId: null, spanId: null })
}

const givenByDatabase = ['recordedAt', 'salt', 'executionSeq', 'recorderId', 'recorderSeq'] as const

type EventAsJson = Readonly<Record<string, Json>> & { readonly timestamp: string }

/** From PostgreSQL's own JSON of a row, which is the same text through every driver. */
function eventOf(row: EventAsJson): AuditEvent {
  const event = Object.fromEntries(eventColumns.map(({ key, column }) => [key, row[column] ?? null]))
  return { ...event, timestamp: isoOf(millisecondsOf(row.timestamp)) } as unknown as AuditEvent
}

const selectStatement = (prefix: string): string => `
select floor(extract(epoch from clock_timestamp()) * 1000)::text as now,
       coalesce(
         (select json_agg(event)
          from ${prefix}audit_event as event
          join json_to_recordset($1::text::json) as wanted(id uuid, timestamp timestamptz(3))
            using (id, timestamp)),
         '[]')::text as events`
