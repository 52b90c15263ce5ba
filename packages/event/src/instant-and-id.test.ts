import { expect, test } from 'vitest'
import { environment, now } from '../test/events.ts'
import { thrownBy } from '../test/thrown-by.ts'
import { eventLimits } from './limits.ts'
import { prepareEvent } from './prepare-event.ts'

const least = { eventType: 'OPERATION', action: 'config_update' }
const prepared = (input: object) => prepareEvent({ ...least, ...input }, environment).event
const refusal = (input: object) => thrownBy(() => prepareEvent({ ...least, ...input }, environment))

const time = '2025-11-04T10:00:00.123Z'
const id = '019a4e4f-217b-7abc-8def-0123456789ab'

test('the id is made from a given time', () => {
  const event = prepared({ timestamp: '2020-01-01T00:00:00.000Z' })
  expect(event).toMatchObject({
    timestamp: '2020-01-01T00:00:00.000Z',
    id: '016f5e66-e800-7000-8000-000000000000',
  })
})

test('the time is taken from a given id, of version 7 or 8', () => {
  expect(prepared({ id }).timestamp).toBe(time)
  expect(prepared({ id: '016f5e66-e800-8000-9000-000000000000' }).timestamp).toBe('2020-01-01T00:00:00.000Z')
  expect(prepareEvent({ ...least, id }, environment)).toMatchObject({
    hasGivenId: true,
    hasGivenTimestamp: true,
  })
  expect(prepareEvent({ ...least, timestamp: time }, environment)).toMatchObject({
    hasGivenId: false,
    hasGivenTimestamp: true,
  })
})

test('without a generator ids are made all the same', () => {
  const { nextId: _, ...plain } = environment
  expect(prepareEvent(least, plain).event.id).toMatch(/^019a4e4f-217b-7/)
})

test.each([
  ['2025-11-04T10:00:00Z', '2025-11-04T10:00:00.000Z'],
  ['2025-11-04T10:00:00.1Z', '2025-11-04T10:00:00.100Z'],
  ['2025-11-04T10:00:00.123000Z', '2025-11-04T10:00:00.123Z'],
  ['2025-11-04T12:00:00.123+02:00', '2025-11-04T10:00:00.123Z'],
  ['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
  ['2024-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
])('%s is taken as %s', (given, timestamp) => {
  expect(prepared({ timestamp: given }).timestamp).toBe(timestamp)
})

test.each<readonly [unknown, string]>([
  [
    'yesterday',
    'is not an ISO-8601 time with its offset (given: "yesterday"); give it as 2025-11-04T10:00:00.123Z',
  ],
  [
    '2025-11-04',
    'is not an ISO-8601 time with its offset (given: "2025-11-04"); give it as 2025-11-04T10:00:00.123Z',
  ],
  ['2025-11-04T10:00:00.123', 'is not an ISO-8601 time with its offset'],
  ['2025-02-29T10:00:00Z', 'is not an ISO-8601 time with its offset'],
  ['2025-11-04T25:00:00Z', 'is not an ISO-8601 time with its offset'],
  [1_762_250_400_123, 'is not an ISO-8601 time with its offset (given: 1762250400123)'],
  [new Date(0), 'is a Date (given: a Date); give its toISOString()'],
  ['2025-11-04T10:00:00.1234Z', 'is finer than milliseconds'],
  ['1969-12-31T23:59:59.999Z', 'lies before 1970, which no id can say'],
])('the time %s is refused', (timestamp, problem) => {
  expect(refusal({ timestamp })).toMatchObject({
    code: 'invalid_event',
    message: expect.stringContaining(`event refused: timestamp ${problem}`),
    details: { path: 'timestamp' },
  })
})

test.each<unknown>([
  'abc',
  7,
  '019a4e4f-217b-4abc-8def-0123456789ab',
  '019a4e4f-217b-1abc-8def-0123456789ab',
  '019a4e4f-217b-7abc-0def-0123456789ab',
  '019a4e4f-217b-7abc-cdef-0123456789ab',
])('the id %s is refused', (given) => {
  expect(refusal({ id: given })).toMatchObject({
    code: 'invalid_event',
    message: expect.stringContaining('event refused: id is not a UUID of version 7 or 8 (given: '),
  })
})

test('an id that differs from its time by a millisecond is refused', () => {
  expect(refusal({ id, timestamp: '2025-11-04T10:00:00.124Z' })).toMatchObject({
    code: 'event_id_mismatch',
    message:
      `event refused: id stands for ${time}, but timestamp is 2025-11-04T10:00:00.124Z (given: "${id}"); ` +
      'give only one of them, or an id made from the timestamp (uuidV7, uuidV8)',
    details: { path: 'id' },
  })
})

test('an hour ahead is allowed, a millisecond more is not', () => {
  const limit = now + eventLimits.futureMs
  expect(prepared({ timestamp: new Date(limit).toISOString() }).timestamp).toBe('2025-11-04T11:00:00.123Z')
  expect(refusal({ timestamp: new Date(limit + 1).toISOString() })).toMatchObject({
    code: 'event_timestamp_future',
    message:
      `event refused: timestamp lies more than an hour ahead of the clock, which says ${time} ` +
      '(given: "2025-11-04T11:00:00.124Z"); set the clock of the machine that made the event, or correct the time',
    details: { path: 'timestamp' },
  })
})

test('an id from the future is refused, however far', () => {
  expect(refusal({ id: 'ffffffff-ffff-7fff-bfff-ffffffffffff' })).toMatchObject({
    code: 'event_timestamp_future',
    details: { path: 'id' },
  })
})
