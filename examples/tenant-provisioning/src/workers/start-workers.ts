import type { Database } from '@steptrail/core'
import type { Dispatch } from '@steptrail/workflow'
import { createRegistry } from '../registry/create-registry.ts'
import { DatabaseRegistry } from '../registry/database-registry.ts'
import { services, workerOf } from './worker-of.ts'

/** A worker of each service in this process, at work until they are closed. Makes the registry where there is none. */
export async function startWorkers(database: Database, dispatch: Dispatch): Promise<AsyncDisposable> {
  const registry = new DatabaseRegistry(database)
  await createRegistry(registry)
  const workers = services.map((service) => workerOf(service, { dispatch, registry }))
  await Promise.all(workers.map((worker) => worker.start()))
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker.close()))
    },
  }
}
