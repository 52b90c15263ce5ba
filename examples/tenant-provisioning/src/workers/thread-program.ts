import { once } from 'node:events'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { remoteWorkplace } from '../port/remote-workplace.ts'
import type { WorkerMessage } from './running-worker.ts'
import { type Service, workerOf } from './worker-of.ts'

/** What a thread is given by `startWorkerThread`. */
interface ThreadData {
  readonly service: Service
  readonly port: MessagePort
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
const say = (message: WorkerMessage): void => parentPort?.postMessage(message)

try {
  const { service, port } = workerData as ThreadData
  const worker = workerOf(service, remoteWorkplace(port))
  await worker.start()
  say({ kind: 'started', workerUuid: worker.workerUuid })
  if (parentPort) await once(parentPort, 'message')
  await worker.close()
  port.close()
} catch (error) {
  say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
}
