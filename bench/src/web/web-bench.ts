import { type Database, insertEvents, openDatabase } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import { runProgram } from '@steptrail/testkit'
import { launchChromium } from '@steptrail/testkit/chromium'
import type { BenchFindings } from '../bench-document.ts'
import { Child } from '../child.ts'
import { createMigrated, startServer } from '../server.ts'
import { percentile, rounded } from '../statistics.ts'
import { firstLoadBytes } from './first-load.ts'
import { frameBudgetMs } from './frames.ts'
import { runLongExecution } from './long-execution.ts'
import { measureEvents } from './measure-events.ts'
import { measureExecution } from './measure-execution.ts'

/** How much the bench measures. */
export interface WebBenchOptions {
  readonly rounds: number
  /** Events of the execution that is looked at. */
  readonly executionEvents: number
  /** Rows to which the page of events is read. */
  readonly rows: number
}

const interactiveTargetMs = 1_500
const firstLoadTargetBytes = 350 * 1024

/** The pages in Chromium: an execution with many events, a long list of events, and what is loaded first. */
export async function webBench({ rounds, executionEvents, rows }: WebBenchOptions): Promise<BenchFindings> {
  await buildPages()
  await using server = await startServer()
  const database = await createMigrated(server, 'web')
  const executionId = await fill(database, { executionEvents, rows })
  const program = new URL('../http/server-program.ts', import.meta.url)
  await using serving = await Child.start(program, [database])
  const url = await serving.ask<string>({ runs: 1, concurrency: 1 })
  const browser = await launchChromium()
  try {
    const execution = await measureExecution({ browser, url, executionId, rounds })
    const events = await measureEvents({ browser, url, rows })
    const bytes = await firstLoadBytes(url)
    const ofBudget = (frames: readonly number[]): number =>
      rounded(percentile(frames, 0.99) / frameBudgetMs, 2)
    return {
      results: [
        ...execution.results,
        ...events.results,
        { what: 'first load', scriptKb: rounded(bytes / 1024) },
      ],
      ratios: {
        'web/target@interactive': rounded(execution.interactiveMs / interactiveTargetMs, 2),
        'web/target@execution-frames': ofBudget(execution.scrollFrames),
        'web/target@events-frames': ofBudget(events.scrollFrames),
        'web/target@first-load': rounded(bytes / firstLoadTargetBytes, 2),
      },
    }
  } finally {
    await browser.close()
  }
}

async function buildPages(): Promise<void> {
  const builder = new URL('../../../packages/web/build/build-when-stale.js', import.meta.url)
  const { code, stderr } = await runProgram(builder)
  if (code !== 0) throw new Error(`the pages could not be built:\n${stderr}`)
}

async function fill(
  url: string,
  { executionEvents, rows }: Omit<WebBenchOptions, 'rounds'>,
): Promise<string> {
  await using database = await openDatabase({ url })
  await fillEvents(database, rows)
  return await runLongExecution(database, executionEvents)
}

const eventsAtOnce = 2_000

/** Operations of an application, one every two seconds up to now. */
async function fillEvents(database: Database, count: number): Promise<void> {
  const end = Date.now() - 60_000
  for (let first = 0; first < count; first += eventsAtOnce) {
    const some = Array.from({ length: Math.min(eventsAtOnce, count - first) }, (_, index) =>
      operation(first + index, end - (count - first - index) * 2_000),
    )
    await database.transaction((tx) => insertEvents((text, values) => tx(text, values), some))
  }
}

const operation = (number: number, atMs: number) => ({
  id: uuidV7(atMs),
  timestamp: new Date(atMs).toISOString(),
  eventType: 'OPERATION',
  entityType: 'OPERATION' as const,
  action: number % 3 === 0 ? 'config_update' : 'stock_price_download',
  serviceName: number % 2 === 0 ? 'api-service' : 'stock-data-service',
  status: number % 17 === 0 ? ('FAILED' as const) : ('SUCCESS' as const),
  actorType: 'user' as const,
  actorId: `user-${number % 50}@example.org`,
  message: `Downloaded prices of symbol ${number % 500}`,
  durationMs: number % 4_000,
  details: { symbol: `S${number % 500}`, recordsCount: number % 100 },
})
