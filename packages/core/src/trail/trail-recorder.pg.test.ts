import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { operation } from '../../test/recording.ts'
import { createTrail } from './trail.ts'

describeOnBoth('recording through a trail', (open) => {
  it('returns at once, and has written when it is flushed', async () => {
    await using trail = createTrail(await open())
    trail.record(
      operation({ status: 'SUCCESS', details: { symbol: 'AAPL' }, actorType: 'user', actorId: 'anna' }),
    )
    trail.record(operation({ action: 'data_cleanup' }))
    expect(await trail.flush()).toEqual({ written: 2, spooled: 0, dropped: 0, pending: 0 })
    const { items } = await trail.listEvents({ order: 'asc' })
    expect(items).toMatchObject([
      {
        action: 'config_update',
        status: 'SUCCESS',
        severity: 'info',
        details: { symbol: 'AAPL' },
        actorId: 'anna',
        recorderId: trail.recorder.id,
        recorderSeq: 1,
        executionSeq: null,
      },
      { action: 'data_cleanup', recorderId: trail.recorder.id, recorderSeq: 2 },
    ])
  })

  it('writes what is left when it is closed', async () => {
    const database = await open()
    const trail = createTrail(database)
    trail.record(operation())
    await trail.close()
    expect((await createTrail(database).listEvents()).items).toHaveLength(1)
  })
})
