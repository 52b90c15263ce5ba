import {
  type Database,
  insertEvents,
  insertExecutionAudits,
  registerDefinitions,
  type TransactionQuery,
} from '@steptrail/core'
import type { SimulatedHistory } from './simulate-history.ts'

const executionsAtOnce = 500

/** Writes a history: its events, its audits, and the definitions that it ran. */
export async function writeHistory(
  database: Database,
  { definitions, executions, selections }: SimulatedHistory,
): Promise<void> {
  await database.transaction((tx) => registerDefinitions(tx, definitions))
  for (let first = 0; first < executions.length; first += executionsAtOnce) {
    const some = executions.slice(first, first + executionsAtOnce)
    await database.transaction(async (tx) => {
      const write: TransactionQuery = (text, values) => tx(text, values)
      await insertEvents(
        write,
        some.flatMap(({ events }) => events),
      )
      await insertExecutionAudits(
        tx,
        some.flatMap(({ audits }) => audits),
      )
    })
  }
  await database.transaction((tx) => insertEvents((text, values) => tx(text, values), selections))
}
