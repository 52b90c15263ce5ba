import {
  type Database,
  listExecutionAudits,
  placeHold,
  recordIn,
  setRetentionPolicy,
  storeWorkflowExecutionAudit,
  type Trail,
} from '@steptrail/core'
import { startWorkers } from '@steptrail/example-tenant-provisioning'
import { verifyTrail } from '@steptrail/log'
import { createSaga, type Saga } from '@steptrail/saga'
import { dataOperation, operationsOf } from './data-operations.ts'
import { delivery, startDeliveries } from './delivery.ts'
import { pastExecutions } from './past-executions.ts'
import { selectSomething } from './selections.ts'

const days = 6
const operations = 1_500
/** Operations that a run of retention lets go of. It lets go of whole months, so that they are older than two. */
const overdueOperations = 120
const overdueDays = 62
const pastDays = 29
const pastCount = 360
const operationEveryMs = 4_000
const deliveryEveryMs = 15_000

const actor = { type: 'user', id: 'demo' } as const

/**
 * Fills a trail with what each page has something to show of: a week of a data service's operations, a month of how
 * executions of another engine went, a catalogue and two selections from it, policies, a hold and a verification,
 * deliveries that went well, one that waits for a person, one for a worker, one that is paused and one under way. Then
 * something happens every few seconds, and tenants are provisioned for whoever starts that, until it is closed.
 */
export async function bringToLife(trail: Trail): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const saga = stack.use(await createSaga(trail.database, { holdsClock: false }))
  if (await isNew(trail.database)) {
    await fillWeek(trail.database)
    await fillMonth(trail.database)
    await selectSomething(trail)
    await keepSomething(trail.database)
    await verifyTrail(trail.database, { actor })
  }
  stack.use(await startDeliveries(saga.dispatch))
  stack.use(await startWorkers(trail.database, saga.dispatch))
  await startAll(saga)
  const pulse = startPulse(trail, saga)
  stack.defer(() => pulse.stop())
  return stack.move()
}

/** The operations of a week, and some that are older than retention keeps them. */
async function fillWeek(database: Database): Promise<void> {
  const events = [
    ...operationsOf(1, overdueOperations, Date.now() - overdueDays * 86_400_000),
    ...operationsOf(days, operations, Date.now()),
  ]
  for (let from = 0; from < events.length; from += 500)
    await database.transaction((tx) => recordIn(tx, events.slice(from, from + 500)))
}

/** A demo that is served once more goes on with what it has. */
async function isNew(database: Database): Promise<boolean> {
  const { items } = await listExecutionAudits(database, { workflowName: 'nightly-report', limit: 1 })
  return items.length === 0
}

async function fillMonth(database: Database): Promise<void> {
  for (const { audit, endedAtMs } of pastExecutions(pastDays, pastCount, Date.now()))
    await storeWorkflowExecutionAudit(database, audit, { now: endedAtMs })
}

/** Keeps provisionings for two years, raw operations for a month, and what an auditor asked for until it is released. */
async function keepSomething(database: Database): Promise<void> {
  const reason = 'What we promise our customers'
  await setRetentionPolicy(
    database,
    { match: { workflow: 'tenant-provisioning' }, keepDays: 730 },
    { actor, reason },
  )
  const short = 'Prices can be downloaded again'
  await setRetentionPolicy(
    database,
    { match: { entityType: 'OPERATION' }, keepDays: 30 },
    { actor, reason: short },
  )
  await placeHold(
    database,
    { correlationId: 'order-initech-1' },
    { actor, reason: 'The auditor asked for this one' },
  )
}

async function startAll(saga: Saga): Promise<void> {
  for (let number = 1; number <= 8; number += 1) await start(saga, number, { carrier: 'van', abroad: false })
  await start(saga, 11, { carrier: 'strike', abroad: false })
  await start(saga, 12, { carrier: 'van', abroad: true })
  await start(saga, 13, { carrier: 'ferry', abroad: false })
  const paused = await start(saga, 14, { carrier: 'van', abroad: true })
  await saga.act(
    paused,
    { action: 'pause' },
    { actor, reason: 'The customer asked us to wait for a second parcel' },
  )
}

async function start(
  saga: Saga,
  number: number,
  given: { readonly carrier: 'van' | 'ferry' | 'strike'; readonly abroad: boolean },
): Promise<string> {
  const parcel = `P-${String(number).padStart(4, '0')}`
  const { executionId } = await saga.start(
    delivery,
    { parcel, ...given },
    { actor, correlationId: `order-${parcel}` },
  )
  return executionId
}

/** What happens while somebody looks on. */
function startPulse(trail: Trail, saga: Saga): { readonly stop: () => Promise<void> } {
  let number = 100
  let last: Promise<unknown> = Promise.resolve()
  const recording = setInterval(() => {
    number += 1
    trail.record(dataOperation(number, Date.now()))
  }, operationEveryMs)
  const delivering = setInterval(() => {
    last = last.then(() => start(saga, number, { carrier: 'van', abroad: false }))
  }, deliveryEveryMs)
  return {
    stop: async () => {
      clearInterval(recording)
      clearInterval(delivering)
      await last
    },
  }
}
