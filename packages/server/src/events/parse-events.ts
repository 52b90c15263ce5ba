import { TrailError } from '@steptrail/event'
import { parseJson, readTextBody, requireMediaType } from '../endpoint/read-body.ts'
import type { ServerSettings } from '../services.ts'

/** An event as it came: a value that may be anything, or why there is none. */
export type GivenEvent = { readonly value: unknown } | { readonly problem: TrailError }

/** Media types of events: one event or an array, or an event a line. */
export const eventMediaTypes = ['application/json', 'application/x-ndjson', 'application/jsonl'] as const

/** The events of a request. */
export interface SentEvents {
  readonly events: readonly GivenEvent[]
  /** The body as it came. */
  readonly text: string
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
  const text = await readTextBody(request, bodyBytes)
  const events = mediaType === 'application/json' ? eventsOfJson(text) : eventsOfLines(text)
  if (events.length <= recordedEvents) return { events, text }
  throw new TrailError(
    'limit_exceeded',
    `the body has ${events.length} events, and at most ${recordedEvents} are taken: send fewer at once`,
    { details: { limit: recordedEvents, unit: 'events' } },
  )
}

function eventsOfJson(text: string): readonly GivenEvent[] {
  const given = parseJson(text)
  return Array.isArray(given) ? given.map((value: unknown) => ({ value })) : [{ value: given }]
}

const eventsOfLines = (text: string): readonly GivenEvent[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        return { value: parseJson(line) }
      } catch (error) {
        if (error instanceof TrailError) return { problem: error }
        throw error
      }
    })
