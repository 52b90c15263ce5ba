import { setTimeout as wait } from 'node:timers/promises'
import { type Database, recordIn } from '@steptrail/core'
import { type Saga } from '@steptrail/saga'
import type { PostgresServer } from '@steptrail/testkit'
import type { Result } from '@steptrail/workflow'
import type { Chance } from '@steptrail/testkit'
import type { Fleet } from './fleet.ts'

/** What chaos has to play with. */
export interface Playground {
  readonly chance: Chance
  readonly server: PostgresServer
  readonly database: Database
  /** Two runtimes of this process, on connections of their own. */
  readonly sagas: readonly [Saga, Saga]
  readonly fleet: Fleet
  readonly leaseMs: number
  /** Executions that have been started, the newest last. */
  readonly started: string[]
  /** Results that a process has said it reports, the newest last. */
  readonly results: readonly string[]
}

const operator = { actor: { type: 'user', id: 'olga' }, reason: 'chaos wants it' } as const

/** How often each is done, in comparison. */
const weights = {
  'kill a process': 8,
  'end a process in order': 4,
  'freeze a process past its lease': 8,
  'end sessions': 14,
  'take the database away': 3,
  'let two clocks go at once': 10,
  'report what another process reports': 25,
  'hold an execution in a transaction': 12,
  'cancel an execution': 5,
  'pause and resume an execution': 6,
}
type ActName = keyof typeof weights

/** Does one thing at random; what takes its time goes on beside the rounds that follow. Returns its name and its end. */
export function doSomething(ground: Playground): { readonly name: ActName; readonly done: Promise<unknown> } {
  const name = ground.chance.weighted(weights)
  return { name, done: acts[name](ground) }
}

const acts: Readonly<Record<ActName, (ground: Playground) => Promise<unknown>>> = {
  'kill a process': async ({ fleet, chance }) => fleet.sink(chance.whole(0, fleet.size - 1), 'SIGKILL'),
  'end a process in order': async ({ fleet, chance }) =>
    fleet.sink(chance.whole(0, fleet.size - 1), 'SIGTERM'),
  'freeze a process past its lease': ({ fleet, chance, leaseMs }) =>
    fleet.freeze(chance.whole(0, fleet.size - 1), leaseMs * chance.whole(2, 4)),
  'end sessions': ({ database, chance }) => database.query(endSessions, [chance.whole(1, 4)]),
  'take the database away': async ({ server, chance }) => {
    if (chance.next() < 0.5) await server.halt()
    else await server.kill()
    await wait(chance.whole(50, 500))
    await server.start()
  },
  'let two clocks go at once': ({ sagas }) => Promise.all(sagas.map((saga) => saga.tick())),
  'report what another process reports': ({ sagas, chance, results }) => {
    const same = results.slice(-chance.whole(1, 3)).map((result) => JSON.parse(result) as Result)
    return Promise.all(sagas.map((saga) => saga.dispatch.report(same)))
  },
  'hold an execution in a transaction': async ({ database, chance, started }) => {
    const executionIds = started.slice(-chance.whole(1, 3))
    const holdMs = chance.whole(50, 800)
    const isKept = chance.next() < 0.7
    await database.transaction(async (tx) => {
      await recordIn(
        tx,
        executionIds.map((executionId) => ({ eventType: 'OPERATION', action: 'look_at_it', executionId })),
      )
      await wait(holdMs)
      if (!isKept) throw new Error('the user has changed their mind')
    })
  },
  'cancel an execution': async ({ sagas, started }) => {
    const executionId = started.at(-1)
    if (executionId !== undefined) await sagas[0].act(executionId, { action: 'cancel' }, operator)
  },
  'pause and resume an execution': async ({ sagas, chance, started }) => {
    const executionId = started.at(-1)
    if (executionId === undefined) return
    await sagas[0].act(executionId, { action: 'pause' }, operator)
    await wait(chance.whole(50, 400))
    await sagas[1].act(executionId, { action: 'resume' }, operator)
  },
}

const endSessions = `
select pg_terminate_backend(pid)
from pg_stat_activity
where backend_type = 'client backend'
  and pid <> pg_backend_pid()
order by random()
limit $1`
