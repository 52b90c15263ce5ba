import { DBOS } from '@dbos-inc/dbos-sdk'
import { type Database, getExecution, getExecutionEvents, observedExecutionId } from '@steptrail/core'
import { DbosRecorder, DbosSteps, install } from '@steptrail/dbos'
import type { AuditEvent } from '@steptrail/event'
import { type Order, orderWorkflow } from './order-workflow.ts'

/** Where things are. */
export interface OrderPlaces {
  /** The URL of the system database of DBOS, which makes its tables there. */
  readonly dbosUrl: string
  /** The trail, migrated; it may be the same database. */
  readonly trail: Database
}

const orders: readonly Order[] = [
  { id: 'order-1', silences: 2 },
  { id: 'order-2', silences: 3 },
]

/** Runs two orders on DBOS, puts them on record, and gives what is then there, as lines to print. */
export async function runOrders({ dbosUrl, trail }: OrderPlaces): Promise<readonly string[]> {
  await using steps = new DbosSteps({ url: dbosUrl, serviceName: 'shop', onTrouble: complain })
  const workflow = orderWorkflow(steps)
  DBOS.setConfig({
    name: 'dbos-orders',
    applicationVersion: '1.0',
    systemDatabaseUrl: dbosUrl,
    logger: quiet,
  })
  await DBOS.launch()
  try {
    const { sourceId } = await install({ url: dbosUrl })
    for (const order of orders) {
      const handle = await DBOS.startWorkflow(workflow, { workflowID: order.id })(order)
      await Promise.allSettled([handle.getResult()])
    }
    await using recorder = new DbosRecorder(trail, { url: dbosUrl, onTrouble: complain })
    await recorder.recordAll()
    const stories = orders.map(({ id }) =>
      storyOf(trail, id, observedExecutionId({ name: 'dbos', sourceId }, id)),
    )
    return (await Promise.all(stories)).flat()
  } finally {
    await DBOS.shutdown()
  }
}

async function storyOf(trail: Database, id: string, executionId: string): Promise<readonly string[]> {
  const { status, engine, retries } = await getExecution(trail, executionId)
  const events = await getExecutionEvents(trail, executionId)
  return [`${id} on ${engine}: ${status}, ${retries} retries`, ...events.map(lineOf), '']
}

const lineOf = ({ executionSeq, eventType, stepName, operationType, reason }: AuditEvent): string =>
  [
    String(executionSeq).padStart(4),
    eventType.padEnd(23),
    stepName === null ? '' : `${stepName} ${operationType ?? ''}`.padEnd(12),
    reason ?? '',
  ]
    .join(' ')
    .trimEnd()

const complain = (message: string, cause: unknown): void =>
  void process.stderr.write(`${message}: ${String(cause)}\n`)

/** DBOS tells of each attempt that fails, which is what the trail is for here. */
const quiet = { info: () => undefined, debug: () => undefined, warn: () => undefined, error: () => undefined }
