import type { Database } from '@steptrail/core'
import { createSaga, type Saga } from '@steptrail/saga'
import { type Check, checksOf, type Played } from './check.ts'
import type { Scenario, Stage } from './scenarios/scenario.ts'
import { scenarios } from './scenarios/scenarios.ts'
import { createShop } from './shop/create-shop.ts'
import { type Scene, setScene } from './shop/scene.ts'
import { startCrew } from './workers/crew.ts'
import { fulfilOrder } from './workflow.ts'

/** What the example runs on. */
export interface OrdersOptions {
  /** Migrated. */
  readonly database: Database
  /** Its URL, for the workers' own processes; absent for the embedded database, whose workers run in this process. */
  readonly url?: string | undefined
  /** What to play; default: all. */
  readonly scenarios?: readonly Scenario[] | undefined
  readonly signal?: AbortSignal | undefined
  /** Told, line by line, of what happens outside the workflow. */
  readonly say?: ((line: string) => void) | undefined
}

/** What came of it all. */
export interface OrdersReport {
  readonly played: readonly Played[]
  readonly checks: readonly Check[]
  /** Process ids of the workers. */
  readonly pids: readonly number[]
}

/** Plays the scenarios one after the other, then looks what is there. Each run has orders of its own. */
export async function runOrders(options: OrdersOptions): Promise<OrdersReport> {
  const { database, url } = options
  await createShop(database)
  await using saga = await createSaga(database, { serviceName: 'shop' })
  await using crew = await startCrew({ database, saga, url })
  const number = await nextNumber(database)
  const played: Played[] = []
  for (const scenario of options.scenarios ?? scenarios)
    played.push(await play(scenario, { ...options, saga, order: `${scenario.order}-${number}` }))
  const checks: Check[] = []
  for (const one of played) checks.push(...(await checksOf(database, one)))
  return { played, checks, pids: crew.pids }
}

interface Playing extends OrdersOptions {
  readonly saga: Saga
  readonly order: string
}

async function play(
  scenario: Scenario,
  { database, saga, order, signal = new AbortController().signal, say = () => undefined }: Playing,
): Promise<Played> {
  say(`${order}: ${scenario.title}. ${scenario.story}`)
  const scene = sceneOf(scenario, order)
  await setScene(database, scene)
  const stage: Stage = { database, saga, scene, signal, note: (text) => say(`  ${text}`) }
  await scenario.prepare?.(stage)
  const {
    quantity = 1,
    giftWrap = false,
    email = `${scenario.order}@customer.example`,
  } = scenario.choices ?? {}
  const { sku, card, carrier } = scene
  const { executionId } = await saga.start(
    fulfilOrder,
    { order, items: [{ sku, quantity }], giftWrap, card, carrier, email },
    { idempotencyKey: order, correlationId: order, actor: { type: 'user', id: 'customer' } },
  )
  await scenario.meanwhile?.(stage, executionId)
  const execution = await saga.waitForEnd(executionId, signal)
  say(`  ${execution.status}`)
  return { scenario, order, scene, execution }
}

const sceneOf = ({ scene }: Scenario, order: string): Scene => ({
  sku: `${order}-article`,
  inStock: 10,
  priceCents: 2_500,
  weightGrams: 1_000,
  card: `${order}-card`,
  limitCents: 100_000,
  carrier: `${order}-carrier`,
  ...scene,
})

async function nextNumber({ query }: Database): Promise<number> {
  const { rows } = await query<{ readonly number: number }>(`select nextval('shop.run_number') as number`)
  const [row] = rows
  if (!row) throw new Error('the sequence gave no number')
  return row.number
}
