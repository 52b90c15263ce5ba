import { setTimeout as wait } from 'node:timers/promises'
import { type Database, migrate, openDatabase } from '@steptrail/core'
import { createSaga, type Saga } from '@steptrail/saga'
import { startPostgres } from '@steptrail/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { checkStories } from '../story/check-story.ts'
import { Chance } from '@steptrail/testkit'
import { doSomething, type Playground } from './chaos.ts'
import { startRound } from './crash-workflows.ts'
import { createWorld, want, worldFaults } from './effects.ts'
import { Fleet } from './fleet.ts'

const rounds = Number(process.env['STEPTRAIL_CRASH_ROUNDS'] ?? 200)
const seed = Number(process.env['STEPTRAIL_CRASH_SEED'] ?? Date.now() % 1_000_000)
const leaseMs = 600
/** All that is under way when chaos stops has ended after this. */
const settleMs = 60_000

test(
  'no crash breaks the story: nothing is lost, doubled or left hanging, and what is on record is true',
  { timeout: rounds * 1_000 + 2 * settleMs },
  async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
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
    await migrate(database)
    await createWorld(database)
    const sagas = [await runtime(), await runtime()] as const
    const results: string[] = []
    const fleet = new Fleet({ url: () => server.url(), leaseMs, onResult: (line) => void results.push(line) })
    onTestFinished(() => fleet.end())
    const started: string[] = []
    const chance = new Chance(seed)
    const ground = { chance, server, database, sagas, fleet, leaseMs, started, results }

    const startedAt = await now(database)
    const done = await rampage(ground)
    await settle(ground)
    const scars = await countScars(database)
    const about = `seed ${seed}, ${rounds} rounds: ${JSON.stringify({ done, scars })}`

    expect(await checkStories(database, { executionIds: started, mustHaveEnded: true }), about).toEqual([])
    expect(await worldFaults(database), about).toEqual([])
    expect(fleet.wrecks, about).toEqual([])
    expect(await countExecutions(database), about).toEqual(rounds)
    if (rounds >= 200) {
      expect(Object.values(scars), about).not.toContain(0)
      expect(done, about).toMatchObject({ start: expect.any(Number), 'find started': expect.any(Number) })
    }
    expect(await eventsOutside(database, startedAt), about).toEqual([])
  },
)

/** One execution and one act of chaos a round. Returns how often each was done. */
async function rampage(ground: Playground): Promise<Readonly<Record<string, number>>> {
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
