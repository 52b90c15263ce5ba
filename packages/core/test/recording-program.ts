import { openTrail } from '../src/index.ts'

/**
 * A program for tests: records events durably, several at a time and without end, in the database that it is given (a
 * URL, or the directory of the embedded one) and in the spool, and says `<outcome> <action>` of each that will survive.
 */
const [place = '', spoolDirectory] = process.argv.slice(2)
const database = URL.canParse(place) ? { url: place } : { dataDir: place }
const quick = { batchAgeMs: 5, retryMinMs: 5, retryMaxMs: 50, failuresBeforeSpool: 1 }
const silent = { warn: () => undefined, error: () => undefined }
const trail = await openTrail({ ...database, recorder: { spoolDirectory, logger: silent, ...quick } })

async function recordWithoutEnd(lane: number): Promise<never> {
  for (let number = 0; ; number++) {
    const action = `action-${process.pid}-${lane}-${number}`
    const outcome = await trail.recordDurably({ eventType: 'OPERATION', status: 'SUCCESS', action })
    process.stdout.write(`${outcome} ${action}\n`)
  }
}

await Promise.all(Array.from({ length: 20 }, (_, lane) => recordWithoutEnd(lane)))
