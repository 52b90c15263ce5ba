import { openTrail } from '../src/index.ts'

/**
 * A program for tests: records without waiting and without end, flushes now and then, and says `flushed <number>` when
 * all events up to a number are written or spooled, and `recording <number>` of the last one it records before that.
 * Its arguments are the database, the spool, and whether every event goes through the spool.
 */
const [url = '', spoolDirectory, spoolFirst] = process.argv.slice(2)
const silent = { warn: () => undefined, error: () => undefined }
const settings = {
  queueEvents: 2000,
  batchEvents: 100,
  overflow: 'block',
  batchAgeMs: 5,
  logger: silent,
} as const
const trail = await openTrail({
  url,
  recorder: { ...settings, spoolDirectory, spoolFirst: spoolFirst === 'spool first' },
})

for (let number = 1; ; number++) {
  await trail.recorder.room()
  trail.record({ eventType: 'OPERATION', status: 'SUCCESS', action: `action-${number}` })
  if (number % 500 !== 0) continue
  process.stdout.write(`recording ${number}\n`)
  void trail.flush().then(({ dropped, pending }) => {
    if (dropped + pending === 0) process.stdout.write(`flushed ${number}\n`)
  })
}
