import { openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { DatabaseRegistry } from './registry/database-registry.ts'
import type { WorkerMessage } from './workers/running-worker.ts'
import { isService, services, workerOf } from './workers/worker-of.ts'

/**
 * A worker as a program: `node workers.ts SERVICE`, with DATABASE_URL and, if it is not the default,
 * STEPTRAIL_SCHEMA. It works until it is interrupted, told to close by whoever started it, or left alone by them.
 */
async function work(service: string | undefined): Promise<void> {
  if (!isService(service))
    throw new Error(`there is no service ${JSON.stringify(service)}: give one of ${services.join(', ')}`)
  const { DATABASE_URL: url, STEPTRAIL_SCHEMA: schema } = process.env
  if (!url) throw new Error('DATABASE_URL is not set: give the URL of the PostgreSQL database to work in')
  const database = await openDatabase({ url, schema, program: service })
  const saga = await createSaga(database, { serviceName: service, holdsClock: false })
  const worker = workerOf(service, { dispatch: saga.dispatch, registry: new DatabaseRegistry(database) })
  await worker.start()
  const told = toldToEnd()
  say({ kind: 'started', workerUuid: worker.workerUuid })
  await told
  await worker.close()
  await saga.close()
  await database.close()
}

function toldToEnd(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = (): void => resolve()
  process.once('SIGINT', end).once('SIGTERM', end).once('message', end).once('disconnect', end)
  return promise
}

function say(message: WorkerMessage): void {
  process.send?.(message)
}

try {
  await work(process.argv[2])
  if (process.connected) process.disconnect()
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  say({ kind: 'failed', message })
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
  if (process.connected) process.disconnect()
}
