import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { environment } from '../test/events.ts'
import { columnValues, givenColumns, inputsOf } from '../test/event-inputs.ts'
import { thrownBy } from '../test/thrown-by.ts'
import { detailsRows } from './details-reference.ts'
import { columnFaults } from './event-checks.ts'
import { builtInEventTypes, engineEntityTypes } from './event-types.ts'
import type { EventType } from './event-type.ts'
import { prepareEvent } from './prepare-event.ts'
import { eventStatuses } from './record.ts'

const engine = { ...environment, engine: true }
const runs = { numRuns: 10 }
const written = {
  recordedAt: '2025-11-04T10:00:00.200Z',
  salt: '00000000-0000-4000-8000-000000000001',
}

const refusal = (input: unknown) => thrownBy(() => prepareEvent(input, engine))

describe.each<EventType>([...builtInEventTypes])('$eventType', (type) => {
  const inputs = inputsOf(type)

  test('is recorded with the columns and details that its table gives', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { event } = prepareEvent(input, engine)
        expect(event).toMatchObject({ entityType: type.entityType, schemaVersion: type.schemaVersion })
        const executionSeq = type.columns.executionSeq === 'always' ? 1 : null
        expect(columnFaults({ ...event, ...written, executionSeq }, type)).toEqual([])
        expect(columnFaults(event, type).map(({ key }) => key)).toEqual([
          'recordedAt',
          'salt',
          ...(executionSeq === null ? [] : ['executionSeq']),
        ])
      }),
      runs,
    )
  })

  test('is refused without a column that it always has', () => {
    const always = givenColumns.filter((key) => type.columns[key] === 'always')
    fc.assert(
      fc.property(inputs, (input) => {
        for (const key of always) {
          const error = refusal({ ...input, [key]: undefined })
          expect(error).toMatchObject({ code: 'invalid_event', details: { path: key } })
          expect(error.message).toContain(`${key} is missing: ${type.eventType} always has it`)
        }
      }),
      runs,
    )
  })

  test('is refused with a column that it never has', () => {
    const never = givenColumns.filter((key) => type.columns[key] === undefined)
    fc.assert(
      fc.property(inputs, fc.gen(), (input, generate) => {
        for (const key of never) {
          const error = refusal({ ...input, [key]: generate(() => columnValues[key]) })
          expect(error.message).toContain(`${key} is set: ${type.eventType} never has it`)
        }
      }),
      runs,
    )
  })

  test('is refused with a status, entity or schema version of another type', () => {
    const others = [...eventStatuses, null].filter((status) => !type.statuses.includes(status))
    fc.assert(
      fc.property(inputs, (input) => {
        for (const status of others)
          expect(refusal({ ...input, status }).details).toMatchObject({ path: 'status' })
        const entityType = type.entityType === 'STEP' ? 'OPERATION' : 'STEP'
        expect(refusal({ ...input, entityType }).details).toMatchObject({ path: 'entityType' })
        expect(refusal({ ...input, schemaVersion: 2 }).details).toMatchObject({ path: 'schemaVersion' })
      }),
      runs,
    )
  })

  test('is refused without a key that its details always have', () => {
    const required = detailsRows(type.details).filter((row) => row.required && /^\w+$/.test(row.path))
    fc.assert(
      fc.property(inputs, (input) => {
        for (const { path } of required) {
          const error = refusal({ ...input, details: { ...input.details, [path]: undefined } })
          expect(error).toMatchObject({ code: 'invalid_event', details: { path: `details.${path}` } })
          expect(error.message).toContain(`does not fit ${type.eventType}`)
        }
      }),
      runs,
    )
  })
})

const isReserved = (type: EventType): boolean =>
  engineEntityTypes.some((entity) => entity === type.entityType)

test.each<EventType>(builtInEventTypes.filter(isReserved))('$eventType cannot be forged', (type) => {
  fc.assert(
    fc.property(inputsOf(type), (input) => {
      expect(thrownBy(() => prepareEvent(input, environment)).code).toBe('engine_event_refused')
    }),
    runs,
  )
})

test.each<EventType>(builtInEventTypes.filter((type) => !isReserved(type)))(
  '$eventType is open to all',
  (type) => {
    fc.assert(
      fc.property(inputsOf(type), (input) => {
        expect(prepareEvent(input, environment).event.eventType).toBe(type.eventType)
      }),
      runs,
    )
  },
)
