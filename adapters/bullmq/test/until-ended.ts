import type { Job, Worker } from 'bullmq'

/** Resolves when a worker has seen the end of these jobs. */
export async function untilEnded(
  worker: Pick<Worker, 'on'>,
  ids: readonly (string | undefined)[],
): Promise<void> {
  const waiting = new Set(ids)
  await new Promise<void>((resolve) => {
    const ended = (job: Job | undefined) => {
      if (job?.finishedOn !== undefined) waiting.delete(job.id)
      if (waiting.size === 0) resolve()
    }
    worker.on('completed', ended)
    worker.on('failed', ended)
  })
}
