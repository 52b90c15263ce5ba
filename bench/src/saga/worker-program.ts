import { openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { serve } from '../child.ts'
import { createBenchWorker } from './workflow.ts'

/** A worker in a process of its own: `worker-program.ts URL CONCURRENCY`. It works until its parent leaves. */
const [url, concurrency] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of a database')
const database = await openDatabase({ url })
const saga = await createSaga(database)
const worker = createBenchWorker(saga, Number(concurrency))
await worker.start()
serve(
  () => Promise.resolve(),
  async () => {
    await worker.close()
    await saga.close()
    await database.close()
  },
)
