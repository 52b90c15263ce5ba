import { migrate, openDatabase } from '@steptrail/core'
import { drawTimelines } from './draw-timelines.ts'
import { type OrdersReport, runOrders } from './run-orders.ts'
import { scenarios, scenariosOf } from './scenarios/scenarios.ts'

/** Where the orders are kept: DATABASE_URL, or the embedded database in STEPTRAIL_DATA_DIR, by default ./.steptrail. */
const { DATABASE_URL: url, STEPTRAIL_DATA_DIR: dataDir, STEPTRAIL_SCHEMA: schema } = process.env
const names = process.argv.slice(2)
const chosen = names.length === 0 ? scenarios : scenariosOf(names)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function run(): Promise<OrdersReport> {
  await using database = await openDatabase({ url, dataDir, schema, program: 'order-saga' })
  await migrate(database)
  say(`Orders are fulfilled in ${database.name}.`)
  return await runOrders({ database, url, say, scenarios: chosen })
}

const { played, checks } = await run()
// The embedded database belongs to one program at a time, and this one has closed it.
await drawTimelines(played.map(({ execution }) => execution.executionId))
say('')
for (const { name, passed, expected, found } of checks) {
  const told = passed ? JSON.stringify(found) : `${JSON.stringify(found)}, not ${JSON.stringify(expected)}`
  say(`${passed ? '✓' : '✗'} ${name}: ${told}`)
}
const failed = checks.filter(({ passed }) => !passed).length
say(`${played.length} played, ${checks.length} checks, ${failed} failed`)
if (failed > 0) process.exitCode = 1
