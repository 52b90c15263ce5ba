import { BullmqSteps } from '@steptrail/bullmq'
import type { Processor } from 'bullmq'
import { expect, it } from 'vitest'
import { openPostgres, openRedisBackend } from '../test/backend.ts'
import { observeQueue } from '../test/observe-queue.ts'
import { untilEnded } from '../test/until-ended.ts'

const throwing =
  (thrown: unknown): (() => Promise<string>) =>
  () =>
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what is no error is what it is about
    Promise.reject(thrown)

it.each([
  ['PostgreSQL', openPostgres],
  ['Redis', openRedisBackend],
])(
  'what is thrown on %s that is no error is on record where the processor is wrapped, and else that BullMQ keeps none of it',
  async (_, open) => {
    const backend = await open()
    const { queue, eventsOf } = await observeQueue(backend)
    await using steps = new BullmqSteps({ ...backend.place, serviceName: 'shop' })
    let added = 0
    const messagesOf = async (processor: Processor): Promise<readonly unknown[]> => {
      const job = await queue.add('work', {}, { jobId: `threw-${(added += 1)}`, attempts: 2 })
      const worker = new backend.Worker('jobs', processor, { connection: backend.connection(2) })
      await untilEnded(worker, [job.id])
      await worker.close()
      const failed = (await eventsOf(job)).filter(({ eventType }) => eventType === 'STEP_FAILED')
      return failed.map(({ details }) => details?.['errorMessage'])
    }
    const told = [
      ['a text', 'a text'],
      [null, 'null was thrown'],
      [undefined, 'undefined was thrown'],
      [{ code: 'X' }, 'an object without a message was thrown'],
      [{ message: { a: 1 } }, 'an object without a message was thrown'],
      [new Error(''), 'failed without a message'],
    ] as const
    for (const [thrown, message] of told)
      expect(await messagesOf(steps.processor(throwing(thrown)))).toEqual([message, message])
    const none = expect.stringMatching(/^BullMQ has kept (no error|"null", as it does)/)
    expect(await messagesOf(throwing('a text'))).toEqual([none, none])
  },
)
