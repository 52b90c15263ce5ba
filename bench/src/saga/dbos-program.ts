import { DBOS } from '@dbos-inc/dbos-sdk'
import { serve } from '../child.ts'
import { closedLoop } from '../closed-loop.ts'

/**
 * The same workflow on DBOS Transact: `dbos-program.ts URL CONNECTIONS`. Workflows are started directly, in the process that runs
 * them, which is the fastest that DBOS offers (a queue adds an enqueueing and a polling dispatcher). A request
 * is a load, its answer the times.
 */
const [systemDatabaseUrl, connections] = process.argv.slice(2)
if (systemDatabaseUrl === undefined) throw new Error('give the URL of a database')

const addOne = (name: string, value: number): Promise<{ value: number }> =>
  DBOS.runStep(() => Promise.resolve({ value: value + 1 }), { name })

const fiveSteps = DBOS.registerWorkflow(
  async (input: { readonly value: number }) => {
    const first = await addOne('first', input.value)
    const second = await addOne('second', first.value)
    const third = await addOne('third', second.value)
    const fourth = await addOne('fourth', third.value)
    return await addOne('fifth', fourth.value)
  },
  { name: 'five-steps' },
)

DBOS.setConfig({
  name: 'steptrail-bench',
  applicationVersion: '1.0.0',
  systemDatabaseUrl,
  systemDatabasePoolSize: Number(connections),
  logLevel: 'error',
})
await DBOS.launch()
serve(
  (load) =>
    closedLoop(load, async () => {
      const handle = await DBOS.startWorkflow(fiveSteps)({ value: 0 })
      const { value } = await handle.getResult()
      if (value !== 5) throw new Error(`the workflow gave ${value}`)
    }),
  () => DBOS.shutdown(),
)
