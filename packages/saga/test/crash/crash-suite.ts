import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { type Database, migrate, openDatabase } from '@steptrail/core'
import { createSaga, type Saga } from '@steptrail/saga'
import { Chance, startPostgres } from '@steptrail/testkit'
import { expect, onTestFinished } from 'vitest'
import { checkStories } from '../story/check-story.ts'
import { doSomething, type Playground } from './chaos.ts'
import { startRound } from './crash-workflows.ts'
import { createWorld, want, worldFaults } from './effects.ts'
import { Fleet } from './fleet.ts'

const leaseMs = 600
/** All that is under way when chaos stops has ended after this. */
const settleMs = 60_000

/** What the crash suite does. */
export interface CrashSuiteOptions {
  readonly rounds: number
  readonly seed: number
  /** How workers meet the runtime: on the database, or through a server, which is then one of the processes that die. */
  readonly transport: 'database' | 'http'
}

/** What the options say, or what is done without them. */
export function crashOptions(defaultRounds: number): Pick<CrashSuiteOptions, 'rounds' | 'seed'> {
  const { STEPTRAIL_CRASH_ROUNDS: rounds, STEPTRAIL_CRASH_SEED: seed } = process.env
  return { rounds: Number(rounds ?? defaultRounds), seed: Number(seed ?? Date.now() % 1_000_000) }
}

/** How long the suite may take. */
export const crashTimeoutMs = (rounds: number): number => rounds * 1_000 + 2 * settleMs

/** Lets real processes on a real server live through what can happen to them, and checks every story at the end. */
export async function crashSuite({ rounds, seed, transport }: CrashSuiteOptions): Promise<void> {
  const server = await startPostgres()
  const connect = async (): Promise<Database> => {
    const database = await openDatabase({ url: server.url() })
    onTestFinished(() => database.close())
    return database
  }
  const runtime = async (): Promise<Saga> => {
    const saga = await createSaga(await connect(), { onTrouble: () => undefined })
    onTestFinished(() => saga.close().catch(() => undefined))
    return saga
  }
  const database = await connect()
  // Before this connection is closed, and after those of the runtimes: a session that chaos left behind ends with it.
  onTestFinished(() => server.stop())
  await migrate(database)
  await createWorld(database)
  const sagas = [await runtime(), await runtime()] as const
  const results: string[] = []
  const fleet = new Fleet({
    url: () => server.url(),
    leaseMs,
    serverPort: transport === 'http' ? await freePort() : undefined,
    onResult: (line) => void results.push(line),
  })
  onTestFinished(() => fleet.end())
  const started: string[] = []
  const ground = { chance: new Chance(seed), server, database, sagas, fleet, leaseMs, started, results }

  const startedAt = await now(database)
  const done = await rampage(ground, rounds)
  await settle(ground)
  const scars = await countScars(database)
  const about = `seed ${seed}, ${rounds} rounds: ${JSON.stringify({ done, scars })}`

  expect(await checkStories(database, { executionIds: started, mustHaveEnded: true }), about).toEqual([])
  expect(await worldFaults(database), about).toEqual([])
  expect(fleet.wrecks, about).toEqual([])
  expect(await countExecutions(database), about).toEqual(rounds)
  if (rounds >= 200) {
    expect(Object.values(scars), about).not.toContain(0)
    for (const how of ['start', 'find started']) expect(done, about).toHaveProperty([how])
  }
  expect(await eventsOutside(database, startedAt), about).toEqual([])
}

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  await new Promise((resolve) => holder.close(resolve))
  return port
}

/** One execution and one act of chaos a round. Returns how often each was done. */
async function rampage(ground: Playground, rounds: number): Promise<Readonly<Record<string, number>>> {
  const { chance } = ground
  const done: Record<string, number> = {}
  const count = (what: string): void => void (done[what] = (done[what] ?? 0) + 1)
  const going: Promise<unknown>[] = []
  for (let round = 1; round <= rounds; round += 1) {
    going.push(start(ground, round).then((created) => count(created ? 'start' : 'find started')))
    const act = doSomething(ground)
    count(act.name)
    // Orders that are refused and connections that break are what chaos is about.
    const end = act.done.catch(() => undefined)
    going.push(end)
    if (act.name === 'take the database away') await end
    await wait(chance.whole(20, 200))
  }
  await Promise.all(going)
  return done
}

/** Starts the execution of a round, again until the answer comes through. False when a process was first. */
async function start({ sagas, chance, database, started }: Playground, round: number): Promise<boolean> {
  const saga = sagas[round % 2 === 0 ? 0 : 1]
  const headStartMs = chance.whole(0, 1) * 150
  for (;;) {
    try {
      await want(database.query, round)
      await wait(headStartMs)
      const { executionId, created } = await startRound(saga, round)
      started.push(executionId)
      return created
    } catch {
      // The database is away, or has ended this session.
      await wait(50)
    }
  }
}

/** Chaos is over. The operator sees to what waits for one; everything else has to end by itself. */
async function settle({ database, sagas: [saga], started }: Playground): Promise<void> {
  const by = { actor: { type: 'user', id: 'olga' }, reason: 'chaos is over' } as const
  for (const end = performance.now() + settleMs; performance.now() < end;) {
    const { rows } = await database.query<{ execution_id: string; status: string }>(selectOpen, [started])
    if (rows.length === 0) return
    for (const { execution_id: executionId, status } of rows) {
      if (status === 'paused') await saga.act(executionId, { action: 'resume' }, by)
      if (status === 'rollback_failed') await saga.act(executionId, { action: 'retry-rollback' }, by)
    }
    await wait(100)
  }
}

const selectOpen = `
select execution_id, status
from workflow_executions
where execution_id = any($1::uuid[])
  and status not in ('completed', 'failed', 'cancelled')`

async function now(database: Database): Promise<string> {
  const { rows } = await database.query<{ now: string }>(
    `select clock_timestamp() - interval '1 second' as now`,
  )
  return rows[0]?.now ?? ''
}

async function countExecutions(database: Database): Promise<number> {
  const { rows } = await database.query<{ count: number }>('select count(*) from workflow_executions')
  return rows[0]?.count ?? 0
}

/** Processes whose own clock is an hour off leave no trace of that: time comes from the database. */
async function eventsOutside(database: Database, startedAt: string): Promise<readonly unknown[]> {
  const { rows } = await database.query(
    `select execution_id, execution_seq, "timestamp"
     from audit_event
     where "timestamp" < $1
        or "timestamp" > clock_timestamp() + interval '1 second'`,
    [startedAt],
  )
  return rows
}

/** What must have happened for the suite to have shown anything. */
async function countScars(database: Database): Promise<Readonly<Record<string, number>>> {
  const { rows } = await database.query<Record<string, number>>(`
    select count(*) filter (where details ->> 'errorCode' = 'worker_lost') as "workers lost",
           count(*) filter (where details ->> 'errorCode' = 'timeout') as "timeouts",
           count(*) filter (where event_type = 'STEP_RESULT_REJECTED') as "results rejected",
           count(*) filter (where event_type = 'ROLLBACK_COMPLETED') as "rolled back",
           count(*) filter (where event_type = 'ORCHESTRATION_COMPLETED') as "completed",
           count(*) filter (where event_type = 'ORCHESTRATION_RESUMED') as "resumed",
           count(*) filter (where event_type = 'OPERATION') as "recorded by users"
    from audit_event`)
  return rows[0] ?? {}
}
