import { DBOS } from '@dbos-inc/dbos-sdk'
import { DbosSteps, install } from '@steptrail/dbos'
import { serve } from '../child.ts'
import { closedLoop } from '../closed-loop.ts'

/**
 * Workflows of so many steps on DBOS Transact: `dbos-program.ts URL CONNECTIONS STEPS [adapted]`. With `adapted` the adapter
 * is installed, and the steps are wrapped. A request is a load, its answer the times.
 */
const [url, connections, stepCount, adapted] = process.argv.slice(2)
if (url === undefined) throw new Error('give the URL of a database')

await DBOS.migrate(url)
if (adapted !== undefined) await install({ url })
const steps = adapted === undefined ? null : new DbosSteps({ url, serviceName: 'bench' })

const addOne = async (name: string, value: number): Promise<number> => {
  const work = () => Promise.resolve(value + 1)
  return await (steps ? steps.run(work, { name }) : DBOS.runStep(work, { name }))
}

const names = Array.from({ length: Number(stepCount) }, (_, index) => `step-${index + 1}`)
const stepByStep = DBOS.registerWorkflow(
  async (value: number) => {
    let sum = value
    for (const name of names) sum = await addOne(name, sum)
    return sum
  },
  { name: 'step-by-step' },
)

DBOS.setConfig({
  name: 'steptrail-bench',
  applicationVersion: '1.0.0',
  systemDatabaseUrl: url,
  systemDatabasePoolSize: Number(connections),
  logLevel: 'error',
})
await DBOS.launch()
serve(
  (load) =>
    closedLoop(load, async () => {
      const handle = await DBOS.startWorkflow(stepByStep)(0)
      const value = await handle.getResult()
      if (value !== names.length) throw new Error(`the workflow gave ${value}`)
    }),
  async () => {
    await DBOS.shutdown()
    await steps?.close()
  },
)
