import { describeOnBoth } from '@steptrail/testkit'
import { afterEach, expect, it, vi } from 'vitest'
import { listHolds, placeHold, releaseHold } from './holds.ts'
import { setRetentionPolicy } from './policies.ts'

const actor = { type: 'user', id: 'olga' } as const

describeOnBoth('orders to retention', (open) => {
  afterEach(() => void vi.useRealTimers())

  it('keep the secrets in their reasons off the record', async () => {
    const database = await open()
    const by = { actor, reason: 'the lawyers want it, token=hunter2hunter2' }
    const holdId = await placeHold(database, { workflow: 'shop' }, by)
    await releaseHold(database, holdId, by)
    await setRetentionPolicy(database, { match: {}, keepDays: 30 }, by)
    const { rows } = await database.query<{ reason: string }>('select reason from audit_event')
    expect(rows.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 3 }, () => 'the lawyers want it, token=[redacted]'),
    )
    expect(JSON.stringify(await listHolds(database))).not.toContain('hunter2')
  })

  it('are on record at the time of the database, whatever this process takes the time for', async () => {
    const database = await open()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 40 * 60_000 })
    await placeHold(database, { workflow: 'shop' }, { actor, reason: 'the lawyers want it' })
    const { rows } = await database.query('select 1 from audit_event where timestamp > clock_timestamp()')
    expect(rows).toEqual([])
  })
})
