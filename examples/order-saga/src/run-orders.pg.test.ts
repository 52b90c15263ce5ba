import { type Database, openDatabase } from '@steptrail/core'
import {
  createMigratedDatabase,
  type DatabaseKind,
  databaseKinds,
  openTestDatabase,
  releaseAfterTest,
} from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { type OrdersReport, runOrders } from './run-orders.ts'

interface EventRow {
  readonly event_type: string
  readonly step_name: string | null
  readonly operation_type: string | null
  readonly retry_count: number | null
  readonly actor_id: string | null
  readonly reason: string | null
  readonly execution_seq: number
  readonly details: Readonly<Record<string, unknown>>
}

const told = ({ event_type, step_name, operation_type }: EventRow): string =>
  [event_type, step_name, operation_type].filter((part) => part !== null).join(' ')

describe.each(databaseKinds)('orders over five services on %s', (kind) => {
  let report: OrdersReport
  let events: ReadonlyMap<string, readonly EventRow[]>

  beforeAll(async () => {
    const { database, url } = await open(kind)
    report = await runOrders({ database, url })
    events = await eventsByOrder(database, report)
  })

  const eventsOf = (order: string): readonly EventRow[] => events.get(order) ?? []
  const eventsAbout = (order: string, step: string): readonly string[] =>
    eventsOf(order)
      .filter(({ step_name }) => step_name === step)
      .map(told)
  const eventOf = (order: string, type: string): EventRow | undefined =>
    eventsOf(order).find(({ event_type }) => event_type === type)

  it('end as their stories say', () => {
    expect(report.played.map(({ order, execution }) => [order, execution.status])).toEqual([
      ['plain-1', 'completed'],
      ['gift-1', 'completed'],
      ['silent-1', 'completed'],
      ['anvils-1', 'failed'],
      ['sold-out-1', 'failed'],
      ['overdrawn-1', 'failed'],
      ['strike-1', 'completed'],
      ['telephone-1', 'completed'],
      ['impatient-1', 'cancelled'],
    ])
  })

  it('leave stock, ledger, cards and shipments as their stories say', () => {
    expect(report.checks.filter(({ passed }) => !passed)).toEqual([])
    expect(report.checks).toHaveLength(4 * report.played.length)
  })

  it('have events numbered without a gap', () => {
    for (const [order, rows] of events)
      expect(
        rows.map(({ execution_seq }) => execution_seq),
        order,
      ).toEqual(rows.map((_, index) => index + 1))
  })

  it('wait for both branches before money is taken', () => {
    const story = eventsOf('plain-1').map(told)
    const captured = story.indexOf('STEP_STARTED capturePayment DO')
    for (const before of ['reserveStock', 'authorisePayment']) {
      expect(story.indexOf(`STEP_STARTED ${before} DO`)).toBeLessThan(5)
      expect(story.indexOf(`STEP_SUCCESS ${before} DO`)).toBeLessThan(captured)
    }
  })

  it('are wrapped only when the order says so', () => {
    expect(eventsAbout('plain-1', 'wrapGift')).toEqual(['STEP_SKIPPED wrapGift DO'])
    expect(eventsAbout('gift-1', 'wrapGift')).toEqual([
      'STEP_STARTED wrapGift DO',
      'STEP_SUCCESS wrapGift DO',
    ])
  })

  it('try a busy carrier again when it said, not by the back-off', () => {
    const retry = eventOf('gift-1', 'STEP_RETRY_TRIGGERED')
    expect(retry?.step_name).toBe('bookCarrier')
    expect(Number(retry?.details['backoffMs'])).toBeGreaterThan(300)
    expect(eventOf('gift-1', 'STEP_FAILED')?.details['errorCode']).toBe('carrier_busy')
  })

  it('go on without a confirmation that cannot be sent', () => {
    expect(eventsOf('silent-1').slice(-3).map(told)).toEqual([
      'STEP_FAILED sendConfirmation DO',
      'STEP_SKIPPED sendConfirmation DO',
      'ORCHESTRATION_COMPLETED',
    ])
    expect(eventOf('silent-1', 'STEP_FAILED')?.reason).toBe('there can be no such address')
  })

  it('give the money back before anything that was done before it', () => {
    const started = eventsOf('anvils-1')
      .map(told)
      .filter((line) => line.startsWith('STEP_STARTED') && line.endsWith('UNDO'))
      .map((line) => line.split(' ')[1])
    expect(started.slice(0, 2)).toEqual(['bookCarrier', 'capturePayment'])
    expect(started.slice(2, 4).toSorted()).toEqual(['authorisePayment', 'reserveStock'])
    expect(started.slice(4)).toEqual(['checkOrder'])
    expect(eventOf('anvils-1', 'STEP_FAILED')).toMatchObject({
      step_name: 'createShipment',
      reason: 'the parcel is too heavy for the carrier',
      retry_count: 0,
    })
  })

  it('undo what a sibling in flight did after the rollback began', () => {
    const story = eventsOf('sold-out-1').map(told)
    const answered = story.indexOf('STEP_SUCCESS authorisePayment DO')
    expect(answered).toBeGreaterThan(story.indexOf('ROLLBACK_TRIGGERED'))
    expect(story.slice(answered)).toEqual([
      'STEP_SUCCESS authorisePayment DO',
      'ROLLBACK_STARTED',
      'STEP_STARTED authorisePayment UNDO',
      'STEP_SUCCESS authorisePayment UNDO',
      'STEP_STARTED checkOrder UNDO',
      'STEP_SUCCESS checkOrder UNDO',
      'ROLLBACK_COMPLETED',
    ])
  })

  it('have the operator and the reason on record', () => {
    expect(eventOf('strike-1', 'ORCHESTRATION_BLOCKED')).toMatchObject({ details: expect.anything() })
    expect(eventOf('strike-1', 'STEP_RETRY_REQUESTED')).toMatchObject({
      step_name: 'bookCarrier',
      actor_id: 'anna',
      reason: 'the strike is over, their dispatcher said so on the telephone',
    })
    expect(eventOf('telephone-1', 'STEP_RESOLVED')).toMatchObject({
      step_name: 'bookCarrier',
      actor_id: 'anna',
      reason: 'booked by telephone, pick-up 7 tomorrow morning',
    })
    expect(eventOf('impatient-1', 'ORCHESTRATION_CANCELLED')).toMatchObject({
      actor_id: 'customer',
      reason: 'takes too long, bought elsewhere',
    })
  })

  it('are worked on by a process for each service on PostgreSQL, and by this one on the embedded database', () => {
    expect(new Set(report.pids).size).toBe(kind === 'postgres' ? 5 : 1)
    expect(report.pids.includes(process.pid)).toBe(kind === 'embedded')
  })

  it('leave no process behind', () => {
    for (const pid of report.pids.filter((each) => each !== process.pid))
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

async function open(kind: DatabaseKind): Promise<{ readonly database: Database; readonly url?: string }> {
  if (kind === 'embedded') return { database: await openTestDatabase(kind) }
  const url = await createMigratedDatabase()
  const database = await openDatabase({ url })
  releaseAfterTest(() => database.close())
  return { database, url }
}

async function eventsByOrder(
  database: Database,
  { played }: OrdersReport,
): Promise<ReadonlyMap<string, readonly EventRow[]>> {
  const { rows } = await database.query<EventRow & { readonly execution_id: string }>(
    `select execution_id, event_type, step_name, operation_type, retry_count, actor_id, reason, execution_seq, details
     from audit_event where execution_seq is not null order by execution_id, execution_seq`,
  )
  return new Map(
    played.map(({ order, execution: { executionId } }) => [
      order,
      rows.filter(({ execution_id }) => execution_id === executionId),
    ]),
  )
}
