import { openSpool } from '../src/node/spool/open-spool.ts'

/** A program for tests: adopts what is in a spool, settles the first 100 events, reads on, and waits to be killed. */
const [directory = ''] = process.argv.slice(2)
const spool = await openSpool({ directory })
const first = await spool.next(100)
await spool.next(100)
await first?.settle()
process.stdout.write(`holds ${spool.events}\n`)
setInterval(() => undefined, 1_000)
