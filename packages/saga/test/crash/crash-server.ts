import { createTrail, openDatabase } from '@steptrail/core'
import { createServer } from '@steptrail/server'

/** The server of the crash suite: what workers over HTTP claim from and report to. */
const [url, port] = process.argv.slice(2)
if (url === undefined || port === undefined) throw new Error('give a URL and a port')
const database = await openDatabase({ url })
const server = await createServer({ trail: createTrail(database), onTrouble: () => undefined })
await server.listen({ port: Number(port) })

process.once('SIGTERM', () => void server.close().finally(() => process.exit()))
process.stdout.write('ready\n')
