import { describe, expect, test } from 'vitest'
import { environment, leastEvent } from '../test/events.ts'
import { thrownBy } from '../test/thrown-by.ts'
import { prepareEvent } from './prepare-event.ts'
import { createRedactionPolicy } from './redaction.ts'

const least = { eventType: 'OPERATION', action: 'config_update' }
const prepared = (input: object) => prepareEvent({ ...least, ...input }, environment).event
const refusal = (input: object) => thrownBy(() => prepareEvent({ ...least, ...input }, environment))

const time = '2025-11-04T10:00:00.123Z'
const id = '019a4e4f-217b-7abc-8def-0123456789ab'

test('what is not given takes its default, or is null', () => {
  expect(prepareEvent(least, environment)).toStrictEqual({
    event: leastEvent,
    hasGivenId: false,
    hasGivenTimestamp: false,
    unregistered: false,
  })
})

test('what is given is kept, in every column that a caller may give', () => {
  const given = {
    id,
    timestamp: time,
    eventType: 'OPERATION',
    entityType: 'OPERATION',
    status: 'WARNING',
    severity: 'critical',
    serviceName: 'api-service',
    executionId: 'abc123',
    workflowName: 'tenant-provisioning',
    workflowVersion: '1.0.0',
    stepName: 'createRealm',
    stepId: '019a4e4f-217b-7000-8000-00000000000a',
    operationType: 'UNDO',
    durationMs: 0,
    retryCount: 2,
    correlationId: 'rr-2026-02-05-abc123',
    parentEventId: '019a4e4f-217b-7000-8000-00000000000b',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    actorType: 'agent',
    actorId: 'ada@example.com',
    resourceType: 'tenant',
    resourceId: 'https://example.com/tenants/7',
    action: 'config_update',
    reason: 'because',
    message: 'Ünïcödé 😀',
    details: { symbol: 'ABC', list: [1, null, true] },
    tenant: 'acme',
    schemaVersion: 1,
  }
  const { event, ...about } = prepareEvent(given, environment)
  expect(event).toStrictEqual({ ...leastEvent, ...given })
  expect(about).toEqual({ hasGivenId: true, hasGivenTimestamp: true, unregistered: false })
})

test('undefined and null are as good as nothing', () => {
  const nothing = Object.fromEntries(
    Object.keys(leastEvent)
      .filter((key) => !['eventType', 'action'].includes(key))
      .map((key, index) => [key, index % 2 === 0 ? undefined : null]),
  )
  const given = {
    ...nothing,
    recordedAt: undefined,
    executionSeq: undefined,
    recorderId: undefined,
    recorderSeq: undefined,
    salt: undefined,
  }
  expect(prepared(given)).toEqual(leastEvent)
})

test('the record is a snapshot', () => {
  const input = { ...least, details: { list: [{ a: 1 }] } }
  const { event } = prepareEvent(input, environment)
  input.details.list[0]!.a = 2
  input.action = 'else'
  expect(event).toMatchObject({ action: 'config_update', details: { list: [{ a: 1 }] } })
})

test('UUIDs are kept in lower case, as the database gives them back', () => {
  const upper = '019A4E4F-217B-7ABC-8DEF-0123456789AB'
  expect(prepared({ id: upper, stepId: upper, parentEventId: upper })).toMatchObject({
    id,
    stepId: id,
    parentEventId: id,
  })
})

describe('what is no event', () => {
  test.each<unknown>([null, undefined, 'x', 7, []])('%j is refused', (input) => {
    expect(thrownBy(() => prepareEvent(input, environment))).toMatchObject({
      code: 'invalid_event',
      message: expect.stringMatching(
        /^event refused: event is not an object \(given: .+\); give an object with eventType$/,
      ),
    })
  })

  test('without a type it is refused', () => {
    expect(thrownBy(() => prepareEvent({}, environment)).message).toBe(
      'event refused: eventType is missing; say what kind of event it is',
    )
  })

  test.each([
    ['event_type', 'write eventType'],
    ['duration_ms', 'write durationMs'],
    ['evenType', 'put it into details, or correct its name'],
  ])('an unknown key %s is refused, not ignored', (key, action) => {
    expect(refusal({ [key]: 1 }).message).toBe(
      `event refused: ${key} is no key of an event (given: 1); ${action}`,
    )
  })

  test.each(['recordedAt', 'executionSeq', 'recorderId', 'recorderSeq', 'salt'])(
    '%s is for whoever writes it',
    (key) => {
      expect(refusal({ [key]: 1 })).toMatchObject({
        code: 'invalid_event',
        message: `event refused: ${key} is given by whoever writes the event (given: 1); leave it out`,
      })
    },
  )
})

describe('secrets', () => {
  test('are gone from details and from every free text', () => {
    const secret = 'postgres://app:hunter2@db/x'
    const event = prepared({
      action: secret,
      reason: secret,
      message: secret,
      resourceId: secret,
      details: { password: 'hunter2', url: secret, list: [secret] },
    })
    expect(JSON.stringify(event)).not.toContain('hunter2')
    expect(event.resourceId).toBe('postgres://app:[redacted]@db/x')
  })

  test('are what the policy says', () => {
    const redaction = createRedactionPolicy({
      keys: ['iban'],
      patterns: [{ name: 'x', pattern: /X\d/g, replacement: '…' }],
    })
    const input = { ...least, message: 'X1 X2', details: { iban: 'DE' } }
    const { event } = prepareEvent(input, { ...environment, redaction })
    expect(event).toMatchObject({ message: '… …', details: { iban: '[redacted]' } })
  })

  test('are not suspected in the number of a resource', () => {
    expect(prepared({ resourceId: '4111111111111111', message: 'order 4111111111111111' })).toMatchObject({
      resourceId: '4111111111111111',
      message: 'order [redacted]',
    })
  })

  test('may not make a text longer than its column', () => {
    const urls = 'ab://c:d@'.repeat(1000)
    expect(refusal({ message: urls }).message).toContain('message is longer than 10000 characters')
  })
})

describe('trace context', () => {
  const span = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
  const traced = (activeSpan: () => typeof span | undefined, input: object = {}) =>
    prepareEvent({ ...least, ...input }, { ...environment, activeSpan }).event

  test('is taken from the active span', () => {
    expect(traced(() => ({ ...span, traceFlags: 1 }))).toMatchObject(span)
  })

  test('is null without an active span, and with an invalid one', () => {
    const none = { traceId: null, spanId: null }
    expect(traced(() => undefined)).toMatchObject(none)
    expect(traced(() => ({ traceId: '0'.repeat(32), spanId: '0'.repeat(16) }))).toMatchObject(none)
    expect(traced(() => ({ ...span, spanId: '' }))).toMatchObject(none)
  })

  test('is what the caller gives, where he gives any', () => {
    const given = { traceId: 'a'.repeat(32) }
    expect(traced(() => span, given)).toMatchObject({ ...given, spanId: null })
  })
})
