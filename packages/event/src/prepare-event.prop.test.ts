import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { json, storableText } from '../test/arbitraries.ts'
import { environment } from '../test/events.ts'
import { inputsOf } from '../test/event-inputs.ts'
import { TrailError } from './error.ts'
import { toEventJson } from './event-json.ts'
import { fromEventRow, toEventRow } from './event-row.ts'
import { builtInEventTypes } from './event-types.ts'
import { prepareEvent } from './prepare-event.ts'
import { assignedKeys, auditEventSchema, type AuditEvent } from './record.ts'

const engine = { ...environment, engine: true }
const inputs = fc.oneof(...builtInEventTypes.map(inputsOf)).chain((input) =>
  fc
    .record({
      input: fc.constant(input),
      reason: fc.option(storableText, { nil: input.reason }),
      message: fc.option(storableText, { nil: input.message }),
    })
    .map((texts) => ({
      ...input,
      ...(input.reason !== undefined && { reason: texts.reason }),
      ...(input.message !== undefined && { message: texts.message }),
    })),
)

test('a record satisfies the schema, and survives JSON and a row', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { event } = prepareEvent(input, engine)
      expect(auditEventSchema.parse(event)).toEqual(event)
      expect(JSON.parse(JSON.stringify(toEventJson(event)))).toStrictEqual(toEventJson(event))
      expect(fromEventRow(toEventRow(event))).toStrictEqual(event)
    }),
  )
})

test('a record that is prepared again, by a client and then by a server, stays as it is', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { event } = prepareEvent(input, engine)
      expect(prepareEvent(givenAgain(event), engine).event).toStrictEqual(event)
    }),
  )
})

test('whatever is given, it is recorded or refused with a typed error, and never changed', () => {
  const anything = fc.oneof(
    json,
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }),
  )
  const keys = fc.constantFrom(...Object.keys(auditEventSchema.shape), 'other')
  fc.assert(
    fc.property(fc.dictionary(keys, anything, { maxKeys: 6 }), (given) => {
      const input = { eventType: 'OPERATION', action: 'x', ...given }
      const before = fc.stringify(input)
      const outcome = recordedOrRefused(input)
      expect(outcome === 'recorded' || outcome instanceof TrailError).toBe(true)
      expect(fc.stringify(input)).toBe(before)
    }),
    { numRuns: 1000 },
  )
})

function recordedOrRefused(input: unknown): unknown {
  try {
    prepareEvent(input, environment)
    return 'recorded'
  } catch (error) {
    return error
  }
}

function givenAgain(event: AuditEvent): object {
  const assigned = new Set<string>(assignedKeys)
  return Object.fromEntries(Object.entries(event).filter(([key]) => !assigned.has(key)))
}
