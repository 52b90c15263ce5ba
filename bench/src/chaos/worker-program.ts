import { setTimeout as wait } from 'node:timers/promises'
import { openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { createWorker, FatalError } from '@steptrail/workflow'
import { order } from './order.ts'

/** A worker and decider on the database; it neither holds the clock nor ends by itself. */
const [url = ''] = process.argv.slice(2)
const database = await openDatabase({ url })
const saga = await createSaga(database, { holdsClock: false, onTrouble: () => undefined })

async function act(): Promise<{ at: number }> {
  const luck = Math.random()
  if (luck < 0.02) throw new FatalError('The service will not have it')
  if (luck < 0.1) throw new Error('Connection timeout')
  await wait(luck * 40)
  return { at: Date.now() }
}

const undo = async (): Promise<void> => {
  await wait(5)
}
const step = { do: act, undo }
const worker = createWorker(saga.dispatch, { service: 'fleet', leaseMs: 1_500, concurrency: 8 }).implement(
  order,
  { reserve: step, charge: step, pack: step, ship: step },
)
await worker.start()
process.stdout.write('ready\n')
