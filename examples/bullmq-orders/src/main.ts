import { migrate, openDatabase } from '@steptrail/core'
import { runOrders } from './run-orders.ts'

const url = process.env['DATABASE_URL']
if (url === undefined) {
  process.stderr.write(
    'Set DATABASE_URL to a PostgreSQL database: BullMQ and the trail go into schemas of their own.\n',
  )
  process.exit(2)
}
await using trail = await openDatabase({ url })
await migrate(trail)
for (const line of await runOrders({ bullmqUrl: url, trail })) process.stdout.write(`${line}\n`)
