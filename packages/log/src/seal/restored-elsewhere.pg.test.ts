import { type Database, exportEvents, follow } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { verifyLogs } from '../verify/verify-log.ts'

/** Transaction ids as a dump brings them along that is restored where fewer have been given out. */
const fromElsewhere = (database: Database, ahead: number) =>
  tamper(database, [
    `update audit_event set tx = (pg_current_xact_id()::text)::bigint + ${ahead}`,
    'update log_trees set feed_position = null',
  ])

/** Gives out so many transaction ids. */
async function goOn(database: Database, count: number): Promise<void> {
  for (let given = 0; given < count; given++) await database.query('select pg_current_xact_id()')
}

describeOnBoth('a dump that was restored where fewer transactions have been', (open) => {
  it('is sealed whole, also what was not sealed before', async () => {
    const database = await open()
    const sealer = sealing()
    await record(database, operations(3))
    const { size } = await sealer.seal(database)
    await record(database, operations(4))
    await fromElsewhere(database, 1_000_000)
    expect(await sealer.seal(database)).toMatchObject({ sealed: 4, size: size + 4 })
    await record(database, operations(1))
    expect(await sealer.seal(database)).toMatchObject({ sealed: 1 })
    expect(await verifyLogs(database, { memory: sealer.memory })).toMatchObject({ outcome: 'verified' })
  })

  it('is exported whole, and followed whole from the beginning', async () => {
    const database = await open()
    await record(database, operations(5))
    await fromElsewhere(database, 1_000_000)
    await record(database, operations(2))
    const exported: string[] = []
    for await (const page of (await exportEvents(database, {}, 3)).pages)
      exported.push(...page.map(({ id }) => id))
    expect(exported).toHaveLength(7)
    const followed: string[] = []
    const stop = new AbortController()
    for await (const { events } of follow(database, {
      from: 'beginning',
      batchSize: 3,
      signal: stop.signal,
    })) {
      followed.push(...events.map(({ id }) => id))
      if (followed.length === 7) stop.abort()
    }
    expect(followed.toSorted()).toEqual(exported.toSorted())
  })

  it('is sealed once, when the transactions come that its events name', async () => {
    const database = await open()
    const sealer = sealing()
    await record(database, operations(3))
    await sealer.seal(database)
    await fromElsewhere(database, 30)
    await record(database, operations(1))
    expect(await sealer.seal(database)).toMatchObject({ sealed: 1 })
    await goOn(database, 40)
    await record(database, operations(2))
    expect(await sealer.seal(database)).toMatchObject({ sealed: 2 })
    expect(await verifyLogs(database, { memory: sealer.memory })).toMatchObject({ outcome: 'verified' })
  })
})
