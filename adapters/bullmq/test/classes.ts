import * as bullmq from 'bullmq'

/** What of BullMQ a backend binds. */
export type Classes = Pick<typeof bullmq, 'Queue' | 'Worker' | 'FlowProducer'>

/** BullMQ's classes for a backend: they differ in their connections alone. */
export function classesFor(url: string): Classes {
  if (url.startsWith('redis')) return bullmq
  return bullmq.withBackend(bullmq.createPostgresBackend) as unknown as Classes
}

/** Connection options of BullMQ. */
export function connectionTo(url: string, max: number): bullmq.ConnectionOptions {
  if (url.startsWith('redis')) return { url, maxRetriesPerRequest: null }
  return { connectionString: url, max }
}
