import { isAscii } from 'node:buffer'
import { type CopiedRows, prepareReceived } from '@steptrail/core'
import { type PrepareEnvironment, TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'

/** What a message says, or why it says nothing that can be on record. */
export type ReadMessage = { readonly event: OutgoingEvent } | { readonly refusal: string }

/** More than the largest event has. */
const mostBytes = 1_048_576

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a message as the API reads an event: one JSON object under the names of the record. It must have an id, by which
 * it is known when it is delivered again. Never throws.
 */
export function readMessage(
  data: Uint8Array,
  { environment, rows }: { readonly environment: PrepareEnvironment; readonly rows: CopiedRows },
): ReadMessage {
  try {
    const event = parsed(data)
    if ((event['id'] ?? null) === null) throw refused('its id is missing: give each event one')
    return { event: rows.add(prepareReceived(event, environment)) }
  } catch (error) {
    if (error instanceof TrailError) return { refusal: error.message }
    throw error
  }
}

function parsed(data: Uint8Array): Record<string, unknown> {
  if (data.length > mostBytes) throw refused(`it has ${data.length} bytes, and at most ${mostBytes} are read`)
  const value = jsonOf(data)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw refused('it is not one JSON object')
}

function jsonOf(data: Uint8Array): unknown {
  try {
    return JSON.parse(isAscii(data) ? asBuffer(data).toString('latin1') : decoder.decode(data))
  } catch (error) {
    throw refused(`it is no JSON in UTF-8: ${(error as Error).message}`)
  }
}

/** The same bytes. */
const asBuffer = (data: Uint8Array): Buffer =>
  Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.length)

const refused = (problem: string): TrailError =>
  new TrailError('invalid_event', `message refused: ${problem}`)
