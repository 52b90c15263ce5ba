import type { BullmqSteps } from '@steptrail/bullmq'
import { type Job, type Processor, UnrecoverableError } from 'bullmq'

/** An order, how often its bank does not answer before it does, and what of the order is done. */
export interface Order {
  readonly id: string
  readonly silences: number
  readonly isReserved: boolean
}

/** What does orders. Its steps run by way of the adapter; what is done is left out when the job is tried again. */
export const orderProcessor = (steps: BullmqSteps): Processor<Order, string> =>
  steps.processor(async (job) => {
    if (!job.data.isReserved) {
      await steps.run(job, () => Promise.resolve(`goods for ${job.data.id}`), { name: 'reserve' })
      await job.updateData({ ...job.data, isReserved: true })
    }
    try {
      return await steps.run(job, () => charge(job), { name: 'charge' })
    } catch (error) {
      if (error instanceof UnrecoverableError)
        await steps.run(job, () => Promise.resolve('goods are back'), { name: 'release', undoes: 'reserve' })
      throw error
    }
  })

/** The bank of the example: silent for as many attempts as the order says. After the last there is no other. */
function charge({
  data: { id, silences },
  attemptsMade,
  opts: { attempts = 1 },
}: Job<Order>): Promise<string> {
  if (attemptsMade >= silences) return Promise.resolve(`receipt of ${id}`)
  const silence = `the bank did not answer for ${id}`
  return Promise.reject(attemptsMade + 1 < attempts ? new Error(silence) : new UnrecoverableError(silence))
}
