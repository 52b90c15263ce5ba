import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabaseSink, createTrail, type Database } from '@steptrail/core'
import {
  createEventCatalogue,
  createUuidV7Generator,
  defaultRedaction,
  prepareRow,
  systemClock,
} from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { downloadEvent } from '../record/events.ts'

/** A way to get events into the table. */
export interface IngestWay {
  readonly name: 'recorder' | 'copy' | 'insert' | 'tens'
  /** How many events it is given, as a share of a bulk: the slow ways get fewer. */
  readonly share: number
  eventsPerSecond(events: number): Promise<number>
}

/** Objects through a recorder: from the first call to the moment at which all are committed. */
export function recorderWay(database: Database): IngestWay {
  return {
    name: 'recorder',
    share: 1,
    async eventsPerSecond(events) {
      const objects = Array.from({ length: events }, (_, index) => downloadEvent(index))
      const trail = createTrail(database, { recorder: { overflow: 'block' } })
      const sinceMs = performance.now()
      for (const object of objects) {
        await trail.recorder.room()
        trail.record(object)
      }
      const { written } = await trail.flush()
      const rate = rateOf(events, sinceMs)
      await trail.close()
      if (written !== events) throw new Error(`${events - written} events were not written`)
      return rate
    },
  }
}

/** Raw COPY of text that is ready, in pieces of 64 KB, over a connection of its own. */
export async function copyWay(url: string): Promise<IngestWay & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`set search_path = steptrail`)
  return {
    name: 'copy',
    share: 1,
    async eventsPerSecond(events) {
      const pieces = piecesOf(rowsOf(events))
      const sinceMs = performance.now()
      const stream = client.query(copyFrom(`copy audit_event (${copyColumns.join(', ')}) from stdin`))
      await pipeline(Readable.from(pieces), stream)
      return rateOf(events, sinceMs)
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}

/** One INSERT for each event, one after another, each committed by itself. */
export function insertWay(database: Database): IngestWay {
  const sink = createDatabaseSink(database)
  return {
    name: 'insert',
    share: 0.05,
    async eventsPerSecond(events) {
      const rows = rowsOf(events)
      const sinceMs = performance.now()
      for (const row of rows) await sink.write([row], never)
      return rateOf(events, sinceMs)
    },
  }
}

/** Ten events every tenth of a second, as a worker does that looks for work ten times a second. */
export function tensWay(database: Database): IngestWay {
  const sink = createDatabaseSink(database)
  return {
    name: 'tens',
    share: 0.005,
    async eventsPerSecond(events) {
      const rows = rowsOf(events)
      const sinceMs = performance.now()
      for (let index = 0; index < rows.length; index += 10) {
        await sink.write(rows.slice(index, index + 10), never)
        await sleep(100)
      }
      return rateOf(events, sinceMs)
    },
  }
}

const never = new AbortController().signal
const rateOf = (events: number, sinceMs: number): number => (events * 1000) / (performance.now() - sinceMs)

const nextId = createUuidV7Generator()
const environment = {
  clock: systemClock,
  catalogue: createEventCatalogue(),
  redaction: defaultRedaction,
  nextId,
}

function rowsOf(events: number): readonly OutgoingEvent[] {
  const recorderId = nextId(Date.now())
  return Array.from({ length: events }, (_, index) =>
    prepareRow(downloadEvent(index), environment, { recorder: { id: recorderId, seq: index + 1 } }),
  )
}

/** The columns that the events of the bench have. */
const copyColumns = [
  'id',
  'timestamp',
  'event_type',
  'entity_type',
  'severity',
  'tenant',
  'schema_version',
  'recorder_id',
  'recorder_seq',
  'status',
  'service_name',
  'duration_ms',
  'correlation_id',
  'actor_type',
  'actor_id',
  'resource_type',
  'resource_id',
  'action',
  'message',
  'details',
]

/** Nothing in the events of the bench needs the escapes of COPY's text. */
function piecesOf(rows: readonly OutgoingEvent[]): readonly Buffer[] {
  const text = rows
    .map(({ json }) => {
      const row = JSON.parse(json) as Readonly<Record<string, unknown>>
      const cells = copyColumns.map((column) =>
        column === 'details' ? JSON.stringify(row[column]) : String(row[column]),
      )
      return `${cells.join('\t')}\n`
    })
    .join('')
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, index) =>
    bytes.subarray(index * 65_536, (index + 1) * 65_536),
  )
}
