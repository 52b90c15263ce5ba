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
  { q: 'action-7' },
  { q: 'no event says this' },
]

/**
 * Times of a filter's first page, and of its hundredth by the cursor, where it has so many: in turn, so that what the
 * machine does meanwhile is alike for both.
 */
export async function measureFilter(
  database: Database,
  { name, request }: MeasuredFilter,
  repeats: number,
): Promise<BenchResult> {
  const found = (await listEvents(database, request)).items.length
  const cursor = await cursorOfPage(database, request, lastPage)
  const first: number[] = []
  const deep: number[] = []
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    first.push(await timeOf(() => listEvents(database, request)))
    if (cursor !== null) deep.push(await timeOf(() => listEvents(database, { ...request, cursor })))
  }
  return {
    what: 'first page',
    name,
    found,
    p50Ms: rounded(percentile(first, 0.5)),
    p99Ms: rounded(percentile(first, 0.99)),
    ...(cursor !== null && {
      page100P50Ms: rounded(percentile(deep, 0.5)),
      page100P99Ms: rounded(percentile(deep, 0.99)),
      page100ByFirst: rounded(percentile(deep, 0.5) / percentile(first, 0.5), 2),
    }),
  }
}

async function cursorOfPage(
  database: Database,
  request: EventListRequest,
  page: number,
): Promise<string | null> {
  let cursor: string | null = null
  // Ten times as long pages lead to the same place, but for those of a search, which look through as much as short ones.
  const [pages, limit] = request.q === undefined ? [(page - 1) / 10, 1000] : [page - 1, 100]
  for (let passed = 0; passed < pages; passed += 1) {
    const { nextCursor } = await listEvents(database, {
      ...request,
      limit,
      ...(cursor !== null && { cursor }),
    })
    if (nextCursor === null) return null
    cursor = nextCursor
  }
  return cursor
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
