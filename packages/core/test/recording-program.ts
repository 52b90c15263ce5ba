import { openSpool } from '@steptrail/recorder/node'
import { openTrail } from '../src/index.ts'

/**
 * A program for tests: records events durably, several at a time and without end, in the database and the spool that it
 * is given, and says `<outcome> <id>` of each that will survive.
 */
const [url = '', directory = ''] = process.argv.slice(2)
const spool = await openSpool({ directory })
const quick = { batchAgeMs: 5, retryMinMs: 5, retryMaxMs: 50, failuresBeforeSpool: 1 }
const silent = { warn: () => undefined, error: () => undefined }
const trail = await openTrail({ url, recorder: { spool, logger: silent, ...quick } })

async function recordWithoutEnd(lane: number): Promise<never> {
  for (let number = 0; ; number++) {
    const action = `action-${process.pid}-${lane}-${number}`
    const outcome = await trail.recordDurably({ eventType: 'OPERATION', status: 'SUCCESS', action })
    process.stdout.write(`${outcome} ${action}\n`)
  }
}

await Promise.all(Array.from({ length: 20 }, (_, lane) => recordWithoutEnd(lane)))
