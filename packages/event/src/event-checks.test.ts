import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { environment } from '../test/events.ts'
import { thrownBy } from '../test/thrown-by.ts'
import { createEventCatalogue } from './event-catalogue.ts'
import { eventLimits } from './limits.ts'
import { prepareEvent } from './prepare-event.ts'

const least = { eventType: 'OPERATION', action: 'config_update' }
const prepared = (input: object) => prepareEvent({ ...least, ...input }, environment).event
const refusal = (input: object) => thrownBy(() => prepareEvent({ ...least, ...input }, environment))

describe('columns', () => {
  const names =
    'serviceName executionId workflowName workflowVersion stepName correlationId actorId resourceType action tenant'.split(
      ' ',
    )
  const limits = [
    ...names.map((key) => [key, eventLimits.nameLength] as const),
    ['resourceId', eventLimits.resourceIdLength],
    ['reason', eventLimits.textLength],
    ['message', eventLimits.textLength],
  ] as const

  test.each(limits)('%s takes %d characters and no more', (key, limit) => {
    const text = 'x'.repeat(limit)
    expect(prepared({ [key]: text })).toMatchObject({ [key]: text })
    expect(refusal({ [key]: `${text}x` })).toMatchObject({
      code: 'invalid_event',
      message: `event refused: ${key} is longer than ${limit} characters (given: "${'x'.repeat(80)}"… (${limit + 1} characters)); correct it`,
      details: { path: key },
    })
  })

  test.each(limits)('%s takes no U+0000 and no lone surrogate', (key) => {
    expect(refusal({ [key]: 'a\u0000' }).message).toContain(
      `${key} holds U+0000 (given: ${String.raw`"a\u0000"`})`,
    )
    expect(refusal({ [key]: '\ud800' }).message).toContain(
      `${key} holds a lone surrogate (given: ${String.raw`"\ud800"`})`,
    )
  })

  test.each([...names, 'resourceId'])('%s is not empty', (key) => {
    expect(refusal({ [key]: '' }).message).toContain(`${key} is empty: leave it out or give null`)
  })

  test.each<readonly [string, unknown, string]>([
    ['severity', 'loud', 'severity is not one of debug, info, warning, error, critical (given: "loud")'],
    ['status', 'success', 'status is not one of SUCCESS, FAILED, WARNING (given: "success")'],
    ['operationType', 'do', 'operationType is not one of DO, UNDO (given: "do")'],
    ['actorType', 'robot', 'actorType is not one of user, service, worker, agent, system (given: "robot")'],
    ['serviceName', 7, 'serviceName is not text (given: 7)'],
    ['message', {}, 'message is not text (given: an Object)'],
    ['durationMs', 1.5, 'durationMs is not a whole number within ±(2^53 − 1) (given: 1.5)'],
    ['durationMs', '5', 'durationMs is not a whole number within ±(2^53 − 1) (given: "5")'],
    ['durationMs', Number.NaN, 'durationMs is not a whole number within ±(2^53 − 1) (given: NaN)'],
    ['durationMs', 2 ** 53, 'durationMs is not a whole number within ±(2^53 − 1) (given: 9007199254740992)'],
    ['durationMs', -1, 'durationMs is negative (given: -1)'],
    ['retryCount', 2 ** 31, 'retryCount is larger than 2147483647 (given: 2147483648)'],
    ['stepId', 'createRealm', 'stepId is not a UUID (given: "createRealm")'],
    ['parentEventId', 'x', 'parentEventId is not a UUID (given: "x")'],
    ['traceId', '0'.repeat(32), 'traceId is not 32 lower-case hexadecimal digits, not all of them 0'],
    ['traceId', 'ABC', 'traceId is not 32 lower-case hexadecimal digits'],
    ['spanId', 'x', 'spanId is not 16 lower-case hexadecimal digits'],
    ['details', 'x', 'details is not an object (given: "x")'],
  ])('%s %j is refused', (key, value, message) => {
    expect(refusal({ [key]: value })).toMatchObject({
      code: 'invalid_event',
      message: expect.stringContaining(`event refused: ${message}`),
      details: { path: key },
    })
  })
})

describe('whole numbers in details', () => {
  test.each([
    { elapsedMs: 12 },
    { elapsed_ms: -3 },
    { elapsedMs: 2 ** 40 },
    { elapsedMs: null },
    { terms: 1.5 },
    { attempt: 'the first' },
    { inner: { elapsedMs: 1.5 } },
  ])('%j is recorded', (details) => {
    expect(prepared({ details }).details).toEqual(details)
  })

  test.each<readonly [object, string]>([
    [
      { elapsedMs: 12.5 },
      'details.elapsedMs is not a whole number (given: 12.5); round it, or name it differently',
    ],
    [{ elapsed_ms: '12' }, 'details.elapsed_ms is not a whole number (given: "12")'],
    [{ backoffMs: [] }, 'details.backoffMs is not a whole number (given: an Array)'],
  ])('%j is refused', (details, message) => {
    expect(refusal({ details })).toMatchObject({
      code: 'invalid_event',
      message: expect.stringContaining(`event refused: ${message}`),
    })
  })

  const skipped = {
    eventType: 'STEP_SKIPPED',
    serviceName: 'realm-worker-service',
    executionId: 'abc123',
    workflowName: 'tenant-provisioning',
    workflowVersion: '1.0.0',
    correlationId: 'abc123',
    stepName: 'createRealm',
    stepId: '019a4e4f-217b-7000-8000-000000000001',
    operationType: 'DO',
    reason: 'an operator skipped it',
    message: 'Step skipped',
  }
  test.each([
    ['backoffMs', 2_147_483_647],
    ['retryCount', 2_147_483_647],
    ['maxRetries', 2_147_483_647],
    ['attempt', 2_147_483_647],
    ['durationMs', Number.MAX_SAFE_INTEGER],
    ['waitedMs', Number.MAX_SAFE_INTEGER],
    ['totalDurationMs', Number.MAX_SAFE_INTEGER],
  ])('of a step, %s is from 0 to %d', (key, largest) => {
    const withNumber = (value: unknown) => () =>
      prepareEvent({ ...skipped, details: { [key]: value } }, { ...environment, engine: true })
    for (const value of [0, largest, null])
      expect(withNumber(value)().event.details).toEqual({ [key]: value })
    for (const value of [-1, 0.5, '1', ...(largest === Number.MAX_SAFE_INTEGER ? [] : [largest + 1])])
      expect(thrownBy(withNumber(value)).message).toContain(
        `details.${key} is not a whole number from 0 to ${largest} (given: `,
      )
  })
})

describe('types', () => {
  test.each(['STEP_SUCCESS', 'ORCHESTRATION_STARTED', 'TRAIL_ERASED'])(
    'an application may not record %s',
    (eventType) => {
      const error = refusal({ eventType })
      expect(error).toMatchObject({
        code: 'engine_event_refused',
        details: { path: 'eventType', value: `"${eventType}"` },
      })
      expect(error.message).toMatch(
        /^event refused: eventType is recorded by the (engine|trail itself) only \(given: /,
      )
    },
  )

  test('an event of an application may name an execution and a step', () => {
    expect(prepared({ executionId: 'abc', stepName: 'createRealm' })).toMatchObject({
      executionSeq: null,
      stepName: 'createRealm',
    })
  })

  test.each<unknown>(['shop.order.shipped', 'STEP_EXPLODED', '', 7])(
    'an unknown type %j is refused',
    (eventType) => {
      expect(refusal({ eventType })).toMatchObject({
        code: 'unknown_event_type',
        message: expect.stringContaining(
          `event refused: eventType is not registered (given: ${JSON.stringify(eventType)}); correct it`,
        ),
      })
    },
  )

  const shipped = {
    eventType: 'shop.order.shipped',
    when: 'An order left the house.',
    details: z.object({ orderId: z.string().trim(), weight: z.number().default(1) }),
    schemaVersion: 4,
  }
  const shop = { ...environment, catalogue: createEventCatalogue({ types: [shipped], unregistered: 'flag' }) }

  test('a registered type is recorded with its schema version, its details unchanged', () => {
    const details = { orderId: ' 7 ', more: true }
    const { event, unregistered } = prepareEvent({ eventType: 'shop.order.shipped', details }, shop)
    expect(event).toMatchObject({ entityType: 'OPERATION', schemaVersion: 4, details, action: null })
    expect(unregistered).toBe(false)
  })

  test.each([
    [{ orderId: 7 }, 'details.orderId does not fit shop.order.shipped: '],
    [undefined, 'details.orderId does not fit shop.order.shipped: '],
    [{ orderId: 'x', weight: [] }, 'details.weight does not fit shop.order.shipped: '],
  ])('a registered type with details %j is refused', (details, message) => {
    expect(thrownBy(() => prepareEvent({ eventType: 'shop.order.shipped', details }, shop))).toMatchObject({
      code: 'invalid_event',
      message: expect.stringContaining(message),
    })
  })

  test('a schema that throws refuses the event', () => {
    const fault = new Error('no network')
    const broken = z.unknown().refine(() => {
      throw fault
    })
    const catalogue = createEventCatalogue({ types: [{ ...shipped, details: broken }] })
    const error = thrownBy(() =>
      prepareEvent({ eventType: 'shop.order.shipped' }, { ...environment, catalogue }),
    )
    expect(error).toMatchObject({ code: 'invalid_event', cause: fault })
    expect(error.message).toContain('the schema of shop.order.shipped threw Error: no network')
  })

  test('a flagged type is recorded with schema version 0, and said to be unregistered', () => {
    const { event, unregistered } = prepareEvent({ eventType: 'shop.order.lost', details: { any: 1 } }, shop)
    expect(event).toMatchObject({
      eventType: 'shop.order.lost',
      entityType: 'OPERATION',
      schemaVersion: 0,
      details: { any: 1 },
    })
    expect(unregistered).toBe(true)
  })

  test('the schema sees details as they were given, secrets included', () => {
    const pinned = { ...shipped, details: z.object({ pin: z.number() }) }
    const catalogue = createEventCatalogue({ types: [pinned] })
    const { event } = prepareEvent(
      { eventType: 'shop.order.shipped', details: { pin: 1234 } },
      { ...environment, catalogue },
    )
    expect(event.details).toEqual({ pin: '[redacted]' })
  })
})
