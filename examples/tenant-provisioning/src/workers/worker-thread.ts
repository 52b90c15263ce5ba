import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { serveWorkplace } from '../port/serve-workplace.ts'
import { didNotStart, isWorkerMessage, programFile, type RunningWorker } from './running-worker.ts'
import type { Service, Workplace } from './worker-of.ts'

/**
 * Starts a worker as a thread of this process. The embedded database belongs to this thread, so the worker's
 * every query, claim and report goes through it, over a port; what the worker itself does is its own.
 */
export async function startWorkerThread(service: Service, workplace: Workplace): Promise<RunningWorker> {
  const { port1: ours, port2: port } = new MessageChannel()
  serveWorkplace(ours, workplace)
  const thread = new Worker(programFile('thread-program', import.meta.url), {
    workerData: { service, port },
    transferList: [port],
    name: service,
  })
  const exit = once(thread, 'exit')
  const [message] = (await Promise.race([once(thread, 'message'), exit])) as readonly unknown[]
  if (!isWorkerMessage(message)) throw didNotStart(service, 'its thread ended')
  if (message.kind === 'failed') throw didNotStart(service, message.message)
  return {
    service,
    workerUuid: message.workerUuid,
    place: `thread ${thread.threadId}`,
    kill: async () => {
      await thread.terminate()
      ours.close()
    },
    close: async () => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
      thread.postMessage({ kind: 'close' })
      await exit
      ours.close()
    },
  }
}
