import { describeOnBoth } from '@steptrail/testkit'
import { expect, it, vi } from 'vitest'
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

  it('takes nothing after it was closed, also when it is the first', async () => {
    const trail = createTrail(await open(), { recorder: undefined })
    await trail.close()
    await expect(trail.recordDurably(operation())).rejects.toMatchObject({ code: 'recorder_closed' })
    expect(trail.recorder.counts()).toMatchObject({ emitted: 1, pending: 0, dropped: { closed: 1 } })
  })

  it('closes nothing for a deadline that is none', async () => {
    const trail = createTrail(await open())
    trail.record(operation())
    await expect(trail.close({ deadlineMs: Number.NaN })).rejects.toMatchObject({
      code: 'invalid_configuration',
    })
    expect(await trail.flush()).toMatchObject({ written: 1 })
    await trail.close()
  })

  it('writes what was recorded first in a transaction, when that is over', async () => {
    const database = await open()
    await using trail = createTrail(database)
    const warn = vi.spyOn(console, 'warn')
    const recorded = await database.transaction(async (tx) => {
      const outcome = trail.recordDurably(operation())
      for (let statement = 0; statement < 20; statement++) await tx('select 1')
      return { outcome }
    })
    expect(await recorded.outcome).toBe('written')
    const again = 'events could not be written; they will be tried again'
    expect(warn.mock.calls.map(([message]) => message as unknown)).not.toContain(again)
  })
})
