import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { storableText } from '../test/arbitraries.ts'
import { inputsOf } from '../test/event-inputs.ts'
import { environment } from '../test/events.ts'
import { prepareRow, rowKeys } from './prepared-row.ts'
import { eventColumns } from './event-columns.ts'
import { toEventRow } from './event-row.ts'
import { builtInEventTypes } from './event-types.ts'
import { prepareEvent } from './prepare-event.ts'

const engine = { ...environment, engine: true }
const recorder = { id: '019a4e4f-217b-7000-8000-00000000000a', seq: 7 }
const writer = { recorder }
const numbered = { recorderId: recorder.id, recorderSeq: recorder.seq }
const columnOf = new Map<string, string>(eventColumns.map(({ key, column }) => [key, column]))
const inputs = fc
  .tuple(fc.oneof(...builtInEventTypes.map(inputsOf)), storableText, fc.boolean())
  .map(([input, message, isChanged]) => (isChanged && input.message ? { ...input, message } : input))

test('a row is that of the record, whatever is recorded', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { event } = prepareEvent(input, engine)
      const row = Object.entries(toEventRow({ ...event, ...numbered })).filter(([, value]) => value !== null)
      const prepared = prepareRow(input, engine, writer)
      const { id, timestampMs, json } = prepared
      expect(JSON.parse(json)).toStrictEqual(Object.fromEntries(row))
      const cells = prepared.cells()
      expect(cells).toHaveLength(rowKeys.length)
      for (const [index, key] of rowKeys.entries()) {
        const cell = cells[index] ?? null
        const value = key === 'details' && cell !== null ? JSON.parse(String(cell)) : cell
        const stored = JSON.parse(json)[columnOf.get(key) as string] ?? null
        expect(value).toStrictEqual(key === 'timestamp' ? Date.parse(stored) : stored)
      }
      expect({ id, timestampMs }).toEqual({ id: event.id, timestampMs: Date.parse(event.timestamp) })
    }),
    { numRuns: 1000 },
  )
})

test('the service is the writer’s where the event names none', () => {
  const serviceOf = (input: object): unknown =>
    JSON.parse(prepareRow(input, environment, { ...writer, serviceName: 'api-service' }).json).service_name
  expect(serviceOf({ eventType: 'OPERATION', action: 'x' })).toBe('api-service')
  expect(serviceOf({ eventType: 'OPERATION', action: 'x', serviceName: 'frontend' })).toBe('frontend')
})

test('no recorder numbers what comes without one', () => {
  const { json } = prepareRow({ eventType: 'OPERATION', action: 'x' }, environment, {})
  expect(JSON.parse(json)).not.toHaveProperty('recorder_id')
})
