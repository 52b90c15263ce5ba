import { once } from 'node:events'
import { openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { isService, services, workerOf } from './worker-of.ts'

const [service] = process.argv.slice(2)
const { DATABASE_URL: url, STEPTRAIL_SCHEMA: schema } = process.env
if (!isService(service))
  throw new Error(`there is no service ${JSON.stringify(service)}: give one of ${services.join(', ')}`)
if (!url) throw new Error('DATABASE_URL is not set: give the URL of the PostgreSQL database to work in')

await using database = await openDatabase({ url, schema, program: service })
await using saga = await createSaga(database, { serviceName: service, holdsClock: false })
await using worker = workerOf(service, { dispatch: saga.dispatch, database })
await worker.start()
const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
// Started by the example: it ends when that says so, or is gone.
const released = once(process, 'disconnect')
process.send?.('started')
await Promise.race([interrupted, released])
if (process.connected) process.disconnect()
