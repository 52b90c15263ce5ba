import { type Reader, listEvents } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { SignalContext } from '../match/signal-context.ts'

/** The payload of an event of discovery; empty for what is none. */
export function payloadOf({ details }: AuditEvent): Readonly<Record<string, Json>> {
  const payload = details?.['payload']
  return isObject(payload) ? payload : {}
}

/** The situation that an event of discovery was about; null where nothing was said of it. */
export function contextOf(event: AuditEvent): SignalContext | null {
  const { signalContext } = payloadOf(event)
  return isObject(signalContext) ? signalContext : null
}

/** Whether an event is one of discovery, by its name without what stands before it. */
export const isStep = ({ eventType }: AuditEvent, step: string): boolean =>
  eventType === `workflow.catalog.${step}`

/** Events of one remediation at most: agents are many, and what one of them asked is few. */
const mostEvents = 1_000

/** What was asked of the catalogue for a remediation, in order. */
export async function selectionEvents(
  reader: Reader,
  remediationId: string,
  tenant: string,
): Promise<readonly AuditEvent[]> {
  const { items } = await listEvents(reader, {
    correlationId: remediationId,
    entityType: 'SELECTION',
    tenant,
    order: 'asc',
    limit: mostEvents,
  })
  return items
}

/** Whether a value of JSON is an object. */
export const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value of JSON as text: a text as it is. */
export const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)
