import { TrailError } from '@steptrail/event'
import { parseJson, readTextBody, requireMediaType, type TextBytes } from '../endpoint/read-body.ts'
import type { ServerSettings } from '../services.ts'
import { elementsOf } from './array-elements.ts'

/** An event as it came: a value that may be anything, or why there is none. */
export type GivenEvent = { readonly value: unknown } | { readonly problem: TrailError }

/** Media types of events: one event or an array, or an event a line. */
const eventMediaTypes = ['application/json', 'application/x-ndjson', 'application/jsonl'] as const

/** The events of a request. */
export interface SentEvents {
  readonly events: readonly GivenEvent[]
  /** The body as it came. */
  readonly body: Uint8Array
}

/**
 * The events of a request. A line that is no JSON is a problem of its own; a body that is none is refused.
 *
 * @throws TrailError `unsupported_media_type`, `invalid_input`, `limit_exceeded`
 */
export async function parseEvents(
  request: Request,
  { bodyBytes, recordedEvents }: ServerSettings,
): Promise<SentEvents> {
  const mediaType = requireMediaType(request, eventMediaTypes)
  const body = await readTextBody(request, bodyBytes)
  const events = mediaType === 'application/json' ? eventsOfJson(body, recordedEvents) : eventsOfLines(body)
  if (events.length <= recordedEvents) return { events, body: body.bytes }
  throw new TrailError(
    'limit_exceeded',
    `the body has ${events.length} events, and at most ${recordedEvents} are taken: send fewer at once`,
    { details: { limit: recordedEvents, unit: 'events' } },
  )
}

function eventsOfJson(body: TextBytes, most: number): readonly GivenEvent[] {
  const given = elementsOf(body, most) ?? parseJson(body.bytes.toString(body.encoding))
  return Array.isArray(given) ? given.map((value: unknown) => ({ value })) : [{ value: given }]
}

const eventsOfLines = ({ bytes, encoding }: TextBytes): readonly GivenEvent[] =>
  bytes
    .toString(encoding)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(eventOf)

function eventOf(text: string): GivenEvent {
  try {
    return { value: parseJson(text) }
  } catch (error) {
    if (error instanceof TrailError) return { problem: error }
    throw error
  }
}
