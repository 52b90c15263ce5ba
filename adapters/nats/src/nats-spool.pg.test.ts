import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listEvents } from '@steptrail/core'
import { describeOnNats, openTestDatabase, releaseAfterTest, startNats } from '@steptrail/testkit'
import { expect, it, vi } from 'vitest'
import { createNatsRecorder, Ingester } from './index.ts'

const count = 200
const waitFor = { timeout: 20_000, interval: 20 }

describeOnNats('a recorder', () => {
  it('spools while no node answers, and the next one in its place publishes what was spooled', async () => {
    const [database, cluster] = await Promise.all([openTestDatabase('postgres'), startNats()])
    const { servers } = cluster
    const spoolDirectory = await mkdtemp(join(tmpdir(), 'steptrail-spool-'))
    releaseAfterTest(() => rm(spoolDirectory, { recursive: true }))
    const newRecorder = () =>
      createNatsRecorder({
        servers,
        spoolDirectory,
        recorder: {
          serviceName: 'shop',
          retryMinMs: 10,
          retryMaxMs: 50,
          logger: { warn: () => undefined, error: () => undefined },
        },
      })

    await cluster.node(0).kill()
    const cut = newRecorder()
    const states = Array.from({ length: count }, (_, number) =>
      cut.recorder.recordDurably({ eventType: 'OPERATION', action: `act_${number}` }),
    )
    expect(new Set(await Promise.all(states))).toEqual(new Set(['spooled']))
    await cut.close()
    expect(await readdir(spoolDirectory)).not.toEqual([])

    await cluster.node(0).start()
    await using ingester = new Ingester(database, { servers })
    await using next = newRecorder()
    next.recorder.record({ eventType: 'OPERATION', action: 'last' })
    await vi.waitFor(() => expect(ingester.counts.created).toBe(count + 1), waitFor)
    const { items } = await listEvents(database, { source: 'shop', limit: 1_000 })
    expect(items.map(({ action }) => action).toSorted()).toEqual(
      [...Array.from({ length: count }, (_, number) => `act_${number}`), 'last'].toSorted(),
    )
  })
})
