import { readFile } from 'node:fs/promises'
import { createTrail, openDatabase } from '@steptrail/core'
import { createServer } from '@steptrail/server'

/** A server in a process of its own; for each line that it is given, it tells how much memory it has taken at most. */
const [url] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of a database')
const database = await openDatabase({ url })
const server = await createServer({ trail: createTrail(database), holdsClock: false })
const listening = await server.listen({ port: 0 })
process.stdout.write(`listening ${listening.url}\n`)
for await (const _line of process.stdin) process.stdout.write(`kilobytes ${await mostKilobytes()}\n`)

/** On Linux what the system counts for a process begins with what its parent had taken when it was forked. */
async function mostKilobytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS)
}
