import { BullmqSteps, install } from '@steptrail/bullmq'
import * as bullmq from 'bullmq'
import type { ConnectionOptions, Job, Processor } from 'bullmq'
import { serve } from '../child.ts'
import { closedLoop } from '../closed-loop.ts'

/**
 * Jobs of so many steps on BullMQ and the backend that the URL says: `bullmq-program.ts URL CONNECTIONS STEPS [adapted]`. With
 * `adapted` the adapter is installed, and the processor and its steps are wrapped. A request is a load, its answer the times.
 */
const [url, connections, stepCount, adapted] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of a database, or of a Redis')

const isOnRedis = url.startsWith('redis:')
const onPostgres = bullmq.withBackend(bullmq.createPostgresBackend)
const { Queue, Worker } = isOnRedis ? bullmq : (onPostgres as unknown as typeof bullmq)
const postgres = { connectionString: url, max: Math.floor(Number(connections) / 2), migrate: true }
const connection: ConnectionOptions = isOnRedis ? { url, maxRetriesPerRequest: null } : postgres
const queue = new Queue<number, number>('bench', { connection })
await queue.waitUntilReady()
if (adapted !== undefined) await install(isOnRedis ? { url, queues: ['bench'] } : { url })
const steps = adapted === undefined ? null : new BullmqSteps({ url, serviceName: 'bench' })

const addOne = async (job: Job<number, number>, name: string, value: number): Promise<number> => {
  const work = () => Promise.resolve(value + 1)
  return await (steps ? steps.run(job, work, { name }) : work())
}

const names = Array.from({ length: Number(stepCount) }, (_, index) => `step-${index + 1}`)
const stepByStep: Processor<number, number> = async (job) => {
  let sum = job.data
  for (const name of names) sum = await addOne(job, name, sum)
  return sum
}

const ends = new Map<string, (value: number) => void>()
const worker = new Worker<number, number>('bench', steps ? steps.processor(stepByStep) : stepByStep, {
  connection,
  concurrency: 16,
})
worker.on('completed', ({ id = '' }, value) => ends.get(id)?.(value))
let made = 0
serve(
  (load) =>
    closedLoop(load, async () => {
      const jobId = `job-${(made += 1)}`
      const value = await new Promise<number>((resolve, reject) => {
        ends.set(jobId, resolve)
        queue.add('step-by-step', 0, { jobId }).catch(reject)
      })
      ends.delete(jobId)
      if (value !== names.length) throw new Error(`the job gave ${value}`)
    }),
  async () => {
    await worker.close()
    await queue.close()
    await steps?.close()
  },
)
