import { openDatabase } from '@steptrail/core'
import { BullmqRecorder, BullmqSteps } from '@steptrail/bullmq'
import { createMigratedDatabase, Link, releaseAfterTest } from '@steptrail/testkit'
import type { Job } from 'bullmq'
import { expect, it } from 'vitest'
import { openPostgres, openRedisBackend } from '../test/backend.ts'

it.each([
  ['PostgreSQL', openPostgres],
  ['Redis', openRedisBackend],
])(
  'a server of %s that has fallen silent holds up no recorder and no step, and is taken from when it answers again',
  async (_, open) => {
    const backend = await open()
    await backend.install(['jobs'])
    const far = new URL(backend.place.url)
    const port = Number(far.port)
    const link = await Link.open(() => port)
    far.hostname = '127.0.0.1'
    far.port = String(link.port)
    const place = { ...backend.place, url: far.href }
    const database = await openDatabase({ url: await createMigratedDatabase() })
    releaseAfterTest(() => database.close())
    const queue = new backend.Queue('jobs', { connection: backend.connection(2) })
    releaseAfterTest(() => queue.close())
    const job = await queue.add('work', {})
    const troubles: string[] = []
    const onTrouble = (message: string) => void troubles.push(message)
    const steps = new BullmqSteps({ ...place, serviceName: 'shop', answerWithinMs: 200, onTrouble })
    const recorder = new BullmqRecorder(database, { ...place, answerWithinMs: 200 })
    releaseAfterTest(() => link.close())
    expect(await recorder.recordAll()).toBe(1)
    const processor = steps.processor((each: Job) =>
      steps.run(each, () => Promise.resolve('done'), { name: 'charge' }),
    )
    expect(await processor(job, 'token')).toBe('done')
    expect(troubles.splice(0).join()).toContain('is not noted')
    link.cut()
    await expect(recorder.recordAll()).rejects.toThrow(/time/i)
    expect(await processor(job, 'token')).toBe('done')
    expect(troubles.join()).toContain('is not noted')
    link.mend()
    await expect.poll(() => recorder.recordAll().catch(() => null), { timeout: 20_000 }).toBe(0)
    link.cut()
    await recorder.close()
    await steps.close()
  },
)
