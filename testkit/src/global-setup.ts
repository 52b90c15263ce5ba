import { randomBytes } from 'node:crypto'
import type { TestProject } from 'vitest/node'
import { natsMissing, natsProgram } from './nats/nats-program.ts'
import { redisMissing, redisProgram } from './redis/redis-program.ts'
import { SharedServer } from './postgres/shared-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test process asks for the shared PostgreSQL server. */
    readonly postgresDoor: string
    /** Begins the name of each database that this run creates. */
    readonly databasePrefix: string
  }
}

/**
 * Vitest's global setup: makes one PostgreSQL server available to the run, started on demand, and ends it afterwards.
 * With `STEPTRAIL_TEST_DATABASE_URL` set (a superuser's URL) that server is used, and the run's databases are removed.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  if (natsProgram() === undefined) console.warn(`${natsMissing}.`)
  if (redisProgram() === undefined) console.warn(`${redisMissing}.`)
  if (process.env['TEMPORAL_ADDRESS'] === undefined)
    console.warn('TEMPORAL_ADDRESS names no server: the conformance suite is not run on Temporal.')
  const prefix = `steptrail_test_${randomBytes(4).toString('hex')}_`
  const shared = await SharedServer.open(prefix, process.env['STEPTRAIL_TEST_DATABASE_URL'])
  provide('postgresDoor', shared.door)
  provide('databasePrefix', prefix)
  return async () => shared.close()
}
