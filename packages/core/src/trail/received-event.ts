import { isUuid, type PreparedRow, type PrepareEnvironment, prepareRow, TrailError } from '@steptrail/event'

/**
 * Makes the row of an event that came from elsewhere, over HTTP or a stream: under the names of the record, with the id,
 * the time and the number that its recorder gave it. Its fields are changed: it is nobody else's.
 *
 * @throws TrailError as `prepareRow` does; `invalid_event` for an id without its time or half of what a recorder says of
 *   itself, `engine_event_refused` for what only the trail itself records
 */
export function prepareReceived(
  event: Record<string, unknown>,
  environment: PrepareEnvironment,
): PreparedRow {
  requireTimestamp(event)
  refuseAdministration(event)
  const recorder = takeRecorder(event)
  return prepareRow(event, environment, { recorder })
}

type Fields = Record<string, unknown>

function requireTimestamp({ id, timestamp }: Fields): void {
  if ((id ?? null) === null || (timestamp ?? null) !== null) return
  throw refused('timestamp', 'timestamp is missing: an event with an id has its time beside it')
}

/** What happens to the trail itself is recorded by who does it. */
function refuseAdministration({ eventType }: Fields): void {
  if (typeof eventType !== 'string' || !eventType.startsWith('TRAIL_')) return
  throw new TrailError(
    'engine_event_refused',
    `event refused: ${eventType.slice(0, 80)} is recorded by the trail itself`,
    { details: { path: 'eventType' } },
  )
}

/** What the recorder of the event says of itself is no field of the event. */
function takeRecorder(event: Fields): { readonly id: string; readonly seq: number } | undefined {
  const { recorderId: id, recorderSeq: seq } = event
  if (id === undefined && seq === undefined) return undefined
  event['recorderId'] = event['recorderSeq'] = undefined
  if ((id ?? null) === null && (seq ?? null) === null) return undefined
  if (!isUuid(id))
    throw refused('recorderId', 'recorderId is not a UUID: give one with recorderSeq, or neither')
  if (typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 1) return { id: id.toLowerCase(), seq }
  throw refused(
    'recorderSeq',
    'recorderSeq is not a whole number from 1 on: give one with recorderId, or neither',
  )
}

const refused = (path: string, problem: string): TrailError =>
  new TrailError('invalid_event', `event refused: ${problem}`, { details: { path } })
