import type { Job } from 'bullmq'
import { expect, it, vi } from 'vitest'
import { BullmqSteps } from './bullmq-steps.ts'

/** A job that a worker has been given, as far as a wrapped processor looks at it. */
const jobOf = (id: string): Job => {
  const moved = () => Promise.resolve()
  const job: Partial<Job> = { id, queueName: 'orders', attemptsStarted: 1, opts: {} }
  return Object.assign(job, {
    moveToDelayed: moved,
    moveToWait: moved,
    moveToWaitingChildren: moved,
  }) as unknown as Job
}

it.each(['postgres://127.0.0.1:1/nowhere', 'redis://127.0.0.1:1'])(
  'a processor does its work also where nothing can be noted at %s, and who is told of that fails',
  async (url) => {
    const said = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const onTrouble = () => {
      throw new Error('nobody listens')
    }
    await using steps = new BullmqSteps({ url, serviceName: 'shop', onTrouble })
    const processor = steps.processor((job: Job) =>
      steps.run(job, () => Promise.resolve('done'), { name: 'charge' }),
    )
    expect(await processor(jobOf('17'), 'token')).toBe('done')
    expect(JSON.stringify(said.mock.calls)).toContain('the work goes on')
    said.mockRestore()
  },
)
