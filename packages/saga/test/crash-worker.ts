import { openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { createWorker } from '@steptrail/workflow'
import { crashWorkflow } from './crash-workflow.ts'

/** A worker process. With `hang`, its second step says that it is inside and never ends; with `clock` it may hold the clock. */
const [url, behaviour, clock] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of a database')
const database = await openDatabase({ url })
const saga = await createSaga(database, { holdsClock: clock === 'clock' })
const worker = createWorker(saga.dispatch, { service: 'crash-service', leaseMs: 1_000 }).implement(
  crashWorkflow,
  {
    prepare: { do: () => ({}), undo: () => {} },
    act: {
      do: async ({ attempt }) => {
        process.stdout.write(`inside act, attempt ${attempt}, worker ${worker.workerUuid}\n`)
        if (behaviour === 'hang') await new Promise<never>(() => {})
        return { by: process.pid }
      },
      undo: () => {},
    },
  },
)
await worker.start()
process.stdout.write('ready\n')
