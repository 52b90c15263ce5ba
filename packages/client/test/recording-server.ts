import { createTrail, openDatabase } from '@steptrail/core'
import { createServer } from '@steptrail/server'

/** A server in a process of its own, to be killed. */
const [url, port = '0'] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of a database')
const database = await openDatabase({ url })
const server = await createServer({ trail: createTrail(database), onTrouble: () => undefined })
const listening = await server.listen({ port: Number(port) })
process.stdout.write(`listening ${listening.port}\n`)
