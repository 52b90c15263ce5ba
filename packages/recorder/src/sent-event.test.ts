import { createEventCatalogue, defaultRedaction, prepareRow, systemClock, uuidV7 } from '@steptrail/event'
import { expect, it } from 'vitest'
import { sentEvent } from './sent-event.ts'

const environment = { clock: systemClock, catalogue: createEventCatalogue(), redaction: defaultRedaction }

it.each([
  { eventType: 'OPERATION', action: 'least' },
  {
    eventType: 'OPERATION',
    action: 'größe "😀"\n',
    status: 'FAILED',
    serviceName: 'shop',
    durationMs: 12,
    resourceId: '0017',
    correlationId: 'c\\1',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    details: { nested: [{ password: 'secret' }], 'a "key"': null },
  },
] as const)('an event says the same, whether a row of it is there or JSON alone: $action', (input) => {
  const row = prepareRow(input, environment, { recorder: { id: uuidV7(0), seq: 7 } })
  const { id, timestampMs, json } = row
  const sent: unknown = JSON.parse(sentEvent(row))
  expect(sent).toEqual(JSON.parse(sentEvent({ id, timestampMs, json })))
  expect(sent).toMatchObject({ id, action: input.action, recorderSeq: 7 })
})
