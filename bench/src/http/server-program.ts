import { createTrail, openDatabase } from '@steptrail/core'
import { createServer } from '@steptrail/server'
import { serve } from '../child.ts'

/** A server in a process of its own: `server-program.ts URL PORT`. It serves until its parent leaves. */
const [url, port] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of a database')
const database = await openDatabase({ url })
const server = await createServer({ trail: createTrail(database) })
const listening = await server.listen({ port: Number(port ?? 0) })
serve(
  () => Promise.resolve(listening.url),
  async () => {
    await server.close()
    await database.close()
  },
)
