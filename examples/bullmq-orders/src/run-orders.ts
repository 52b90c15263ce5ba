import { BullmqRecorder, BullmqSteps, executionOf, install } from '@steptrail/bullmq'
import { type Database, getExecution, getExecutionEvents, observedExecutionId } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'
import * as bullmq from 'bullmq'
import type { ConnectionOptions, Job } from 'bullmq'
import { type Order, orderProcessor } from './order-processor.ts'

/** Where things are. */
export interface OrderPlaces {
  /** Where BullMQ keeps its jobs: the URL of a Redis, or of a PostgreSQL database, in which it makes its tables. */
  readonly bullmqUrl: string
  /** The trail, migrated; it may be the same database. */
  readonly trail: Database
}

type Classes = Pick<typeof bullmq, 'Queue' | 'QueueEvents' | 'Worker'>

/** The classes of BullMQ for where its jobs are, and what these are to be given to connect. */
function backendAt(url: string): Classes & { readonly connection: ConnectionOptions } {
  if (/^rediss?:/.test(url)) return { ...bullmq, connection: { url, maxRetriesPerRequest: null } }
  const classes = bullmq.withBackend(bullmq.createPostgresBackend) as unknown as Classes
  return { ...classes, connection: { connectionString: url, migrate: true } }
}

const orders: readonly Order[] = [
  { id: 'order-1', silences: 2, isReserved: false },
  { id: 'order-2', silences: 3, isReserved: false },
]

/** Runs two orders on BullMQ, puts them on record, and gives what is then there, as lines to print. */
export async function runOrders({ bullmqUrl, trail }: OrderPlaces): Promise<readonly string[]> {
  const { Queue, QueueEvents, Worker, connection } = backendAt(bullmqUrl)
  const queue = new Queue<Order, string>('orders', { connection })
  await queue.waitUntilReady()
  const { sourceId } = await install({ url: bullmqUrl, queues: ['orders'] })
  await using steps = new BullmqSteps({ url: bullmqUrl, serviceName: 'shop', onTrouble: complain })
  const worker = new Worker<Order, string>('orders', orderProcessor(steps), { connection })
  const events = new QueueEvents<string>('orders', { connection })
  try {
    const jobs: Job<Order, string>[] = []
    for (const order of orders) {
      const job = await queue.add('order', order, { jobId: order.id, attempts: 3, backoff: 20 })
      await Promise.allSettled([job.waitUntilFinished(events)])
      jobs.push(job)
    }
    await using recorder = new BullmqRecorder(trail, { url: bullmqUrl, onTrouble: complain })
    await recorder.recordAll()
    return (await Promise.all(jobs.map((job) => storyOf(trail, sourceId, job)))).flat()
  } finally {
    await Promise.all([worker.close(), events.close(), queue.close()])
  }
}

async function storyOf(trail: Database, sourceId: string, job: Job): Promise<readonly string[]> {
  const { id = '', queueName, timestamp } = job
  const executionId = observedExecutionId(
    { name: 'bullmq', sourceId },
    executionOf({ queue: queueName, jobId: id, addedAt: timestamp }),
  )
  const { status, engine, retries } = await getExecution(trail, executionId)
  const events = await getExecutionEvents(trail, executionId)
  return [`${id} on ${engine}: ${status}, ${retries} retries`, ...events.map(lineOf), '']
}

const lineOf = ({ executionSeq, eventType, stepName, operationType, reason }: AuditEvent): string =>
  [
    String(executionSeq).padStart(4),
    eventType.padEnd(23),
    stepName === null ? '' : `${stepName} ${operationType ?? ''}`.padEnd(12),
    reason ?? '',
  ]
    .join(' ')
    .trimEnd()

const complain = (message: string, cause: unknown): void =>
  void process.stderr.write(`${message}: ${String(cause)}\n`)
