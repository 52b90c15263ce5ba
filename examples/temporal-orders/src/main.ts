import { migrate, openDatabase } from '@steptrail/core'
import { importOrders } from './import-orders.ts'

await using trail = await openDatabase({ url: process.env['DATABASE_URL'] })
await migrate(trail)
for (const line of await importOrders(trail)) process.stdout.write(`${line}\n`)
