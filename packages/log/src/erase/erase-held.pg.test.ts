import { placeHold, releaseHold } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { greet } from '../../test/greeting.ts'
import { operations, record, sealing } from '../../test/logs.ts'
import { erase } from './erase.ts'

const actor = { type: 'user', id: 'olga' } as const
const by = { actor, reason: 'a dispute' } as const

describeOnBoth('what is held', (open) => {
  it('is not erased, whatever names it, until the hold is released', async () => {
    const database = await open()
    const [executionId = ''] = await greet(database, ['stranger'])
    await record(database, operations(3, { actorType: 'user', actorId: 'anna', message: 'Anna was here' }))
    const order = { ...sealing(), actor, reason: 'asked to be forgotten' } as const
    const count = async (): Promise<unknown> =>
      (await database.query('select count(*) as erased from log_erasures')).rows
    const ofExecution = await placeHold(database, { executionId }, by)
    const ofAnna = await placeHold(database, { actor: 'anna' }, by)
    const { rows } = await database.query<{ id: string }>(
      `select id from audit_event where execution_id = $1 order by id limit 1`,
      [executionId],
    )
    for (const match of [
      { executionId },
      { subject: { type: 'user', id: 'anna' } },
      { eventIds: rows.map(({ id }) => id) },
    ] as const)
      await expect(erase(database, { ...order, match })).rejects.toMatchObject({ code: 'hold_stands' })
    expect(await count()).toEqual([{ erased: 0 }])
    await releaseHold(database, ofAnna, by)
    expect(
      await erase(database, { ...order, match: { subject: { type: 'user', id: 'anna' } } }),
    ).toMatchObject({
      events: 3,
    })
    await releaseHold(database, ofExecution, by)
    expect(await erase(database, { ...order, match: { executionId } })).toMatchObject({
      executions: [executionId],
    })
  })
})
