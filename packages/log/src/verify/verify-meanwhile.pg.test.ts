import { type Database, runRetention } from '@steptrail/core'
import { describeOnBoth, simulateHistory, writeHistory } from '@steptrail/testkit'
import { beforeAll, expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { erase } from '../erase/erase.ts'
import { requireSealed } from '../seal/require-sealed.ts'
import { restartLog } from '../seal/restart-log.ts'
import { verifyLogs } from './verify-log.ts'

const by = { type: 'user', id: 'olga' } as const
const day = 86_400_000

/** Reads so often, and then fails. */
const failingAfter = (times: number, read: (origin: string) => Promise<string | null>) => {
  let count = 0
  return async (origin: string) => {
    if (count++ >= times) throw new Error('the memory is away')
    return await read(origin)
  }
}

describeOnBoth('verifying while the trail goes on', (open, kind) => {
  const sealer = sealing({ batchSize: 50 })
  let database: Database

  /** Verifies, and before statement `number` of that does something else to the end; says how many there were. */
  async function verifiedMeanwhile(number: number, meanwhile: () => Promise<unknown>) {
    let statements = 0
    let done: Promise<unknown> | null = null
    const query: Database['query'] = async (...statement) => {
      statements += 1
      if (statements >= number) await (done ??= meanwhile())
      return database.query(...statement)
    }
    const memory = { ...sealer.memory }
    const verdict = await verifyLogs({ ...database, query }, { memory, batchSize: 60 })
    return { verdict, statements, isDone: done !== null }
  }

  /** Whether nothing is found, whichever statement of verifying it comes before. */
  async function isHarmless(meanwhile: () => Promise<unknown>, until = Infinity): Promise<number> {
    for (let number = 1; ; number++) {
      const { verdict, isDone } = await verifiedMeanwhile(number, meanwhile)
      expect(verdict, `before statement ${number}`).toMatchObject({ outcome: 'verified' })
      if (!isDone || number === until) return number
    }
  }

  beforeAll(async () => {
    database = await open()
    const untilMs = Date.now() - 190 * day
    await writeHistory(
      database,
      simulateHistory({ seed: 5, executions: 12, fromMs: untilMs - 140 * day, untilMs }),
    )
    await record(database, operations(90, { actorType: 'user', actorId: 'anna' }))
    await sealer.seal(database)
  })

  it('takes what is recorded and sealed meanwhile for no defect', async () => {
    const recordAndSeal = async () => {
      await record(database, operations(7))
      await sealer.seal(database)
    }
    expect(await isHarmless(recordAndSeal)).toBeGreaterThan(12)
  })

  it.runIf(kind === 'postgres')(
    'takes what is erased meanwhile for no defect, also before the erasure is sealed',
    async () => {
      const ids = (await database.query<{ id: string }>(`select id from audit_event where actor_id = 'anna'`))
        .rows
      const eraseOne = () => {
        const eventIds = [ids.pop()?.id ?? '']
        return erase(database, { ...sealer, match: { eventIds }, actor: by, reason: 'asked to be forgotten' })
      }
      await isHarmless(eraseOne)
      const unreadable = { ...sealer.memory, read: failingAfter(1, (origin) => sealer.memory.read(origin)) }
      const attempt = erase(database, {
        ...sealer,
        memory: unreadable,
        match: { eventIds: [ids.pop()?.id ?? ''] },
        actor: by,
        reason: 'asked to be forgotten',
      })
      await expect(attempt).rejects.toThrow('away')
      expect(await verifyLogs(database, { memory: sealer.memory })).toMatchObject({ outcome: 'verified' })
    },
  )

  it.runIf(kind === 'postgres')('takes what retention lets go of meanwhile for no defect', async () => {
    let nowMs = Date.now() - 150 * day
    const letGo = async () => {
      nowMs += 25 * day
      const ensureSealed = requireSealed(database)
      await runRetention(database, { by, archive: null, ensureSealed, now: nowMs })
    }
    for (const number of [10, 11, 12, 13, 14]) {
      const { verdict } = await verifiedMeanwhile(number, letGo)
      expect(verdict, `before statement ${number}`).toMatchObject({ outcome: 'verified' })
    }
    const { verdict } = await verifiedMeanwhile(Infinity, letGo)
    expect(verdict.logs[0]?.dropped).toBeGreaterThan(50)
  })

  it.runIf(kind === 'postgres')('takes another log that begins meanwhile for no defect', async () => {
    await isHarmless(() => restartLog(database, { ...sealer, actor: by, reason: 'to see' }), 12)
  })
})
