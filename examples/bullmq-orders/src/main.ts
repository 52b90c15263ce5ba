import { migrate, openDatabase } from '@steptrail/core'
import { runOrders } from './run-orders.ts'

const url = process.env['DATABASE_URL']
if (url === undefined) {
  process.stderr.write(
    'Set DATABASE_URL to a PostgreSQL database, where the trail goes into a schema of its own: BullMQ, too, unless ' +
      'REDIS_URL says that it keeps its jobs in a Redis.\n',
  )
  process.exit(2)
}
await using trail = await openDatabase({ url })
await migrate(trail)
const bullmqUrl = process.env['REDIS_URL'] ?? url
for (const line of await runOrders({ bullmqUrl, trail })) process.stdout.write(`${line}\n`)
