import { openDatabase } from '../src/database/open-database.ts'
import { parquetArchive } from '../src/retention/archive/parquet-archive.ts'
import { runRetention } from '../src/retention/run-retention.ts'

/**
 * A program for tests: runs retention on the database with this URL, into the archive in this directory. It says when
 * the archive is written and proven, and goes on, or with `stay` waits there to be killed.
 */
const [url = '', directory = '', then = 'go'] = process.argv.slice(2)
await using database = await openDatabase({ url })
const archive = parquetArchive(directory)
try {
  const { executionCount } = await runRetention(database, {
    by: { type: 'system', id: 'retention' },
    lockTimeoutMs: 60_000,
    now: Date.UTC(2026, 9, 15),
    archive: {
      ...archive,
      finish: async (runId, files) => {
        await archive.finish(runId, files)
        process.stdout.write(`archived ${runId}\n`)
        if (then === 'stay') await new Promise(() => setInterval(() => undefined, 60_000))
      },
    },
  })
  process.stdout.write(`let go of ${executionCount}\n`)
} catch (error) {
  process.stdout.write(`refused ${error instanceof Error ? error.message : String(error)}\n`)
}
