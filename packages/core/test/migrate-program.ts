import { createInterface } from 'node:readline'
import { migrate, openDatabase } from '@steptrail/core'

/** A program that migrates when it is told to, and says which migrations it applied. */
const [url] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of a database')
const database = await openDatabase({ url, maxConnections: 1 })
process.stdout.write('ready\n')
for await (const _line of createInterface({ input: process.stdin })) break
process.stdin.destroy()
const { applied, version } = await migrate(database)
process.stdout.write(`applied ${applied.length}, at version ${version}\n`)
await database.close()
