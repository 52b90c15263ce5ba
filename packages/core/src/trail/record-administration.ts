import { type AuditEvent, createEventCatalogue, defaultRedaction, prepareEvent } from '@steptrail/event'
import type { EventInput, RedactionPolicy } from '@steptrail/event'
import type { Query } from '../database/database.ts'
import { insertEvents } from './write-events.ts'

/** An event of the trail's own administration. */
export type AdministrationEvent = EventInput & { readonly eventType: `TRAIL_${string}` }

const catalogue = createEventCatalogue()

/**
 * Records what somebody did to the trail itself, or tried to, at the time of the database and without secrets. With the
 * `tx` of a transaction it is on record with whatever else that does.
 *
 * @throws TrailError as `prepareEvent` does
 */
export async function recordAdministration(
  tx: Query,
  input: AdministrationEvent,
  redaction: RedactionPolicy = defaultRedaction,
): Promise<AuditEvent> {
  const [event] = await recordOwn(tx, [input], redaction)
  return event as AuditEvent
}

/**
 * The same of any events that Steptrail itself makes, such as those of changes of the catalogue: all in one statement.
 *
 * @throws TrailError as `prepareEvent` does
 */
export async function recordOwn(
  tx: Query,
  inputs: readonly EventInput[],
  redaction: RedactionPolicy = defaultRedaction,
): Promise<readonly AuditEvent[]> {
  const now = await databaseNow(tx)
  const environment = { clock: { now: () => now }, catalogue, redaction, engine: true }
  const events = inputs.map((input) => prepareEvent(input, environment).event)
  await insertEvents(tx, events)
  return events
}

async function databaseNow(tx: Query): Promise<number> {
  const { rows } = await tx<{ now: number }>(
    'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now',
  )
  return rows[0]?.now ?? Date.now()
}
