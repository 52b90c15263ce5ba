import { type AuditEvent, createEventCatalogue, defaultRedaction, prepareEvent } from '@steptrail/event'
import type { EventInput, RedactionPolicy } from '@steptrail/event'
import type { Query } from '../database/database.ts'
import { insertEvents } from './write-events.ts'

/** An event of the trail's own administration. */
export type AdministrationEvent = EventInput & { readonly eventType: `TRAIL_${string}` }

const catalogue = createEventCatalogue()

/**
 * Records what somebody did to the trail itself, or tried to. With the `tx` of a transaction it is on record with
 * whatever else that does.
 *
 * @throws TrailError as `prepareEvent` does
 */
export async function recordAdministration(
  tx: Query,
  input: AdministrationEvent,
  redaction: RedactionPolicy = defaultRedaction,
): Promise<AuditEvent> {
  const clock = { now: () => Date.now() }
  const { event } = prepareEvent(input, { clock, catalogue, redaction, engine: true })
  await insertEvents(tx, [event])
  return event
}
