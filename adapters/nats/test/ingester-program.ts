import { openDatabase } from '@steptrail/core'
import { Ingester } from '@steptrail/nats'

/** A program for a test: takes events from a stream into a database until it is killed. */
const [url = '', servers = '', stream = ''] = process.argv.slice(2)
const database = await openDatabase({ url })
const ingester = new Ingester(database, {
  servers,
  stream,
  ackWaitMs: 2_000,
  batchEvents: 200,
  onTrouble: (message, cause) => void process.stderr.write(`${message}: ${String(cause)}\n`),
})
while (ingester.counts.created === 0) await new Promise((resolve) => setTimeout(resolve, 20))
process.stdout.write('it has ingested\n')
