import { DBOS } from '@dbos-inc/dbos-sdk'
import {
  type Database,
  getExecution,
  getExecutionEvents,
  observedExecutionId,
  openDatabase,
} from '@steptrail/core'
import { DbosRecorder, DbosSteps, install } from '@steptrail/dbos'
import { createEmptyDatabase, createMigratedDatabase } from '@steptrail/testkit'
import pg from 'pg'

/** What is different from one file of tests to the next. */
export interface ObserveDbosOptions {
  /** Of the application. */
  readonly name: string
  /** Of the workflow that `ended` runs. */
  readonly workflow: string
  /** Registers steps and workflows of the file's own, which DBOS wants before it is launched. */
  readonly register?: (steps: DbosSteps) => void
  /** What DBOS does before it is observed. */
  readonly before?: () => Promise<unknown>
  readonly onTrouble?: (message: string) => void
}

/** DBOS in this process, on a database of its own with the adapter beside it, and a trail that it is recorded into. */
export type ObservedDbos = Awaited<ReturnType<typeof observeDbos>>

/** Launches DBOS, of which there is one in a process, and observes it until `close`. */
export async function observeDbos({ name, workflow, register, before, onTrouble }: ObserveDbosOptions) {
  const told = onTrouble ? { onTrouble } : {}
  const url = await createEmptyDatabase()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const steps = new DbosSteps({ url, serviceName: 'shop', ...told })
  register?.(steps)
  let work: () => Promise<unknown> = () => Promise.resolve()
  const registered = DBOS.registerWorkflow(() => work(), { name: workflow })
  DBOS.setConfig({ name, applicationVersion: '1.0', systemDatabaseUrl: url, logLevel: 'error' })
  await DBOS.launch()
  await before?.()
  const { sourceId } = await install({ url })
  const database: Database = await openDatabase({ url: await createMigratedDatabase() })
  const start = (id: string, run: () => Promise<unknown>) => {
    work = run
    return DBOS.startWorkflow(registered, { workflowID: id })()
  }
  const observed = {
    url,
    client,
    steps,
    sourceId,
    database,
    /** The one that `story` asks. */
    recorder: new DbosRecorder(database, { url, ...told }),
    /** Starts the workflow under this id, with this to do. */
    start,
    /** The same, until it has ended, however. */
    ended: async (id: string, run: () => Promise<unknown>): Promise<void> => {
      const handle = await start(id, run)
      await Promise.allSettled([handle.getResult()])
    },
    /** What is on record of the workflow with this id. */
    story: async (id: string) => {
      await observed.recorder.recordAll()
      const executionId = observedExecutionId({ name: 'dbos', sourceId }, id)
      const events = await getExecutionEvents(database, executionId)
      const attempts = events.filter(
        ({ eventType }) => eventType === 'STEP_FAILED' || eventType === 'STEP_SUCCESS',
      )
      return { view: await getExecution(database, executionId), events, attempts }
    },
    close: async (): Promise<void> => {
      await DBOS.shutdown()
      await steps.close()
      await observed.recorder.close()
      await client.end()
      await database.close()
    },
  }
  return observed
}

/** Work that fails so many times, and then is done. */
export function failing(times: number): () => Promise<string> {
  let made = 0
  return () => ((made += 1) <= times ? Promise.reject(new Error(`failure ${made}`)) : Promise.resolve('done'))
}
