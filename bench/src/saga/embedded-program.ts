import { migrate, openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { serve } from '../child.ts'
import { runExecutions } from './run-executions.ts'
import { createBenchWorker } from './workflow.ts'

/**
 * Everything in one process on the embedded database, as PGlite wants it: `embedded-program.ts DIRECTORY`. A
 * request is a load, its answer the times.
 */
const [dataDir] = process.argv.slice(2)
if (dataDir === undefined) throw new Error('give a directory')
const database = await openDatabase({ dataDir })
await migrate(database)
const saga = await createSaga(database)
serve(
  async (load) => {
    await using worker = createBenchWorker(saga, load.concurrency)
    await worker.start()
    return await runExecutions(saga, load)
  },
  async () => {
    await saga.close()
    await database.close()
  },
)
