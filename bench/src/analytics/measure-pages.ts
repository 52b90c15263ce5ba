import { type Database, type EventListRequest, listEvents } from '@steptrail/core'
import type { BenchResult } from '../bench-document.ts'
import { percentile, rounded } from '../statistics.ts'

const dayMs = 86_400_000
const lastPage = 100

/** A filter of the list of events, and how its pages went. */
interface MeasuredFilter {
  readonly name: string
  readonly request: EventListRequest
}

/**
 * Every filter with a value that is frequent, one that is rare where the history has one, and one that nothing has: an
 * index that is missing shows with the last two. Of the last 7 days, as the API does when it is asked for no time.
 */
export async function filtersOf(database: Database): Promise<readonly MeasuredFilter[]> {
  const { rows } = await database.query<{ execution_id: string; correlation_id: string }>(
    `select execution_id, correlation_id from audit_event where execution_id is not null order by id desc limit 1`,
  )
  const { execution_id: executionId, correlation_id: correlationId } = rows[0] ?? {
    execution_id: '',
    correlation_id: '',
  }
  const startDate = new Date(Date.now() - 7 * dayMs).toISOString()
  const inTime = (filter: EventListRequest): MeasuredFilter => ({
    name: Object.entries(filter)
      .map((pair) => pair.join('='))
      .join(' '),
    request: { ...filter, startDate },
  })
  return [
    { name: 'none', request: {} },
    { name: 'executionId', request: { executionId } },
    { name: 'correlationId', request: { correlationId } },
    ...filters.map(inTime),
  ]
}

const filters: readonly EventListRequest[] = [
  {},
  { order: 'asc' },
  { executionId: 'nothing' },
  { correlationId: 'nothing' },
  { action: 'action-7' },
  { action: 'nothing' },
  { result: 'success' },
  { result: 'failure' },
  { result: 'warning' },
  { source: 'realm-worker-service' },
  { source: 'system' },
  { source: 'nothing' },
  { operation: 'DO' },
  { operation: 'UNDO' },
  { eventType: 'STEP_SUCCESS' },
  { eventType: 'workflow.catalog.selection_validated' },
  { eventType: 'nothing' },
  { entityType: 'STEP' },
  { entityType: 'SELECTION' },
  { entityType: 'TRAIL' },
  { workflowName: 'nightly-report' },
  { workflowName: 'nothing' },
  { stepName: 'warmCache' },
  { stepName: 'nothing' },
  { actor: 'person-7' },
  { actor: 'nothing' },
  { severity: 'error' },
  { severity: 'critical' },
  { tenant: 'acme' },
  { tenant: 'nothing' },
  { action: 'action-7', result: 'failure', source: 'api-service-3' },
  { workflowName: 'order-fulfilment', eventType: 'STEP_FAILED', severity: 'error' },
  { q: 'permission denied' },
]

/** Times of a filter's first page, and of its hundredth by the cursor, where it has so many. */
export async function measureFilter(
  database: Database,
  { name, request }: MeasuredFilter,
  repeats: number,
): Promise<BenchResult> {
  const first = await timesOf(repeats, () => listEvents(database, request))
  const found = (await listEvents(database, request)).items.length
  const cursor = await cursorOfPage(database, request, lastPage)
  const deep =
    cursor === null ? null : await timesOf(repeats, () => listEvents(database, { ...request, cursor }))
  return {
    what: 'first page',
    name,
    found,
    p50Ms: rounded(percentile(first, 0.5)),
    p99Ms: rounded(percentile(first, 0.99)),
    ...(deep && {
      page100P50Ms: rounded(percentile(deep, 0.5)),
      page100P99Ms: rounded(percentile(deep, 0.99)),
    }),
  }
}

async function cursorOfPage(
  database: Database,
  request: EventListRequest,
  page: number,
): Promise<string | null> {
  let cursor: string | null = null
  // Ten times as long pages lead to the same place.
  for (let longPage = 0; longPage < (page - 1) / 10; longPage += 1) {
    const { nextCursor } = await listEvents(database, {
      ...request,
      limit: 1000,
      ...(cursor !== null && { cursor }),
    })
    if (nextCursor === null) return null
    cursor = nextCursor
  }
  return cursor
}

async function timesOf(repeats: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = []
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  return times
}
