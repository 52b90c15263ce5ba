import { expect, test } from 'vitest'
import { leastEvent } from '../test/events.ts'
import { eventColumns } from './event-columns.ts'
import { outcomeOf, toEventJson } from './event-json.ts'
import type { AuditEvent } from './record.ts'

test('every key is present, null when there is none', () => {
  const { salt: _, ...shown } = leastEvent
  expect(JSON.parse(JSON.stringify(toEventJson(leastEvent)))).toEqual({
    ...shown,
    source: 'system',
    operator: null,
    result: 'success',
    extraInfo: null,
  })
})

test('the salt is never among them', () => {
  const salted = { ...leastEvent, salt: '00000000-0000-4000-8000-000000000001' }
  const keys = Object.keys(toEventJson(salted))
  expect(keys).toEqual([
    ...eventColumns.map(({ key }) => key).filter((key) => key !== 'salt'),
    'source',
    'operator',
    'result',
    'extraInfo',
  ])
  expect(JSON.stringify(toEventJson(salted))).not.toContain(salted.salt)
})

test('an operations log reads service, actor, status and details under its own names', () => {
  const event: AuditEvent = {
    ...leastEvent,
    serviceName: 'api-service',
    actorType: 'user',
    actorId: 'ada@example.com',
    status: 'WARNING',
    message: 'Downloaded 99 of 100',
    details: { symbol: 'ABC' },
  }
  expect(toEventJson(event)).toMatchObject({
    source: 'api-service',
    operator: 'ada@example.com',
    action: 'config_update',
    result: 'warning',
    message: 'Downloaded 99 of 100',
    extraInfo: { symbol: 'ABC' },
  })
})

test.each<readonly [AuditEvent['status'], AuditEvent['severity'], string]>([
  ['SUCCESS', 'info', 'success'],
  ['SUCCESS', 'critical', 'success'],
  ['FAILED', 'info', 'failure'],
  ['WARNING', 'error', 'warning'],
  [null, 'debug', 'success'],
  [null, 'info', 'success'],
  [null, 'warning', 'success'],
  [null, 'error', 'failure'],
  [null, 'critical', 'failure'],
])('status %s with severity %s is the outcome %s', (status, severity, outcome) => {
  expect(outcomeOf({ status, severity })).toBe(outcome)
})
