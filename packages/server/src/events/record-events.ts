import { createHash } from 'node:crypto'
import { eventInputSchema, recordingSchema } from '@steptrail/client/messages'
import type { PostedEvent } from '@steptrail/client/messages'
import { createDatabaseSink } from '@steptrail/core'
import { TrailError, uuidV8 } from '@steptrail/event'
import type { OutgoingEvent, SinkOutcome } from '@steptrail/recorder'
import { z } from 'zod'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { begunRequest, type RepeatableRequest } from '../endpoint/repeatable-request.ts'
import type { Services } from '../services.ts'
import { type GivenEvent, parseEvents } from './parse-events.ts'
import {
  type PrepareSent,
  preparingFor,
  type RecordingEnvironment,
  recordingEnvironment,
} from './prepare-events.ts'
import { GatheredWrites } from './gathered-writes.ts'

/** `POST /api/v1/audit/events`. */
export function recordEventsEndpoint(services: Services): Endpoint {
  const writes = new GatheredWrites(createDatabaseSink(services.database, { batches: 'in line' }))
  const environment = recordingEnvironment(services.redaction)
  const lines = z.string().describe('An event a line.')
  return defineEndpoint({
    method: 'post',
    path: '/api/v1/audit/events',
    tag: 'events',
    scope: 'record',
    repeats: 'handled',
    summary: 'Record events',
    description:
      'One event, an array of events, or an event a line (NDJSON). Each is recorded or refused by itself; with an id ' +
      'of the caller’s, whose first 48 bits are its timestamp, a request may be repeated whatever became of it.',
    rawBody: {
      'application/json': z.union([eventInputSchema, z.array(eventInputSchema)]),
      'application/x-ndjson': lines,
      'application/jsonl': lines,
    },
    answer: { schema: recordingSchema, description: 'What became of each event, in the order given.' },
    handle: async ({ request, principal, signal }) => {
      const { events, body } = await parseEvents(request, services.settings)
      const repeated = await begunRequest(services, { request, principal, body })
      const settled = repeated ? { ...environment, ...asAtFirst(repeated) } : environment
      const prepareOne = preparingFor(principal, settled)
      const prepared = events.map((event) => prepare(event, prepareOne))
      const recording = summaryOf(await write(prepared, writes, signal))
      services.metrics.recorded(recording)
      return recording
    },
  })
}

/** A request that comes again makes the ids and times again that it made when it first came. */
function asAtFirst({
  caller,
  key,
  begun,
}: RepeatableRequest): Pick<RecordingEnvironment, 'clock' | 'nextId'> {
  const firstSeenMs = Date.parse(begun.firstSeenAt)
  let made = 0
  return {
    clock: { now: () => firstSeenMs },
    nextId: (timestampMs) => {
      const hash = createHash('sha256')
        .update(JSON.stringify([caller, key, made++]))
        .digest()
      return uuidV8(timestampMs, hash)
    },
  }
}

type Prepared = { readonly event: OutgoingEvent } | { readonly refusal: PostedEvent }

function prepare(given: GivenEvent, prepareSent: PrepareSent): Prepared {
  if ('problem' in given) return { refusal: refusalOf(null, given.problem) }
  try {
    return { event: prepareSent(given.value) }
  } catch (error) {
    if (error instanceof TrailError) return { refusal: refusalOf(idOf(given.value), error) }
    throw error
  }
}

const refusalOf = (id: string | null, { code, message }: TrailError): PostedEvent => ({
  id,
  status: 'rejected',
  code,
  reason: message,
})

function idOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null
  return typeof value.id === 'string' ? value.id.slice(0, 80) : null
}

async function write(
  prepared: readonly Prepared[],
  writes: GatheredWrites,
  signal: AbortSignal,
): Promise<readonly PostedEvent[]> {
  const events = prepared.flatMap((each) => ('event' in each ? [each.event] : []))
  const outcomes = await writes.write(events, signal)
  let next = 0
  return prepared.map((each) => {
    if ('refusal' in each) return each.refusal
    return postedOf(each.event, outcomes[next++] as SinkOutcome)
  })
}

function postedOf({ id }: OutgoingEvent, outcome: SinkOutcome): PostedEvent {
  if (!('reason' in outcome)) return { id, status: outcome.outcome }
  const code = outcome.outcome === 'conflict' ? 'event_conflict' : 'batch_refused'
  return { id, status: 'rejected', code, reason: outcome.reason }
}

function summaryOf(results: readonly PostedEvent[]) {
  const counts = { created: 0, duplicate: 0, rejected: 0 }
  for (const { status } of results) counts[status] += 1
  return { results, ...counts }
}
