import { type AuditEvent, fromEventRow } from '@steptrail/event'
import type { Database } from '../database/database.ts'
import { compose } from './compose.ts'
import { readFeedHead } from './feed-head.ts'
import { committedBetween } from './feed-set.ts'
import { fetchPage } from './fetch-page.ts'
import { type EventListRequest, eventsToPage, parseListRequest, recordColumns } from './list-events.ts'
import { beforeEverything } from './snapshot.ts'

/** Which events to export: the filters of a list. */
export type ExportRequest = Omit<EventListRequest, 'limit' | 'cursor' | 'offset' | 'order'>

/** An export under way. */
export interface EventExport {
  /** The transactions whose events are in it: those that had ended at this `pg_snapshot`. */
  readonly snapshot: string
  /** The events, in the order of time, some at a time. */
  readonly pages: AsyncGenerator<readonly AuditEvent[], void, undefined>
}

/**
 * All events that match and are committed now, whatever is recorded while they are read. Since events never change,
 * those that a snapshot shows can be read page by page, without a transaction that stays open: it holds nobody up.
 *
 * @throws TrailError `invalid_filter`
 */
export async function exportEvents(
  database: Database,
  request: ExportRequest,
  pageSize = 200,
): Promise<EventExport> {
  const filter = parseListRequest(request)
  const { snapshot } = await readFeedHead(database.query)
  return { snapshot, pages: readPages(database, { filter, snapshot, pageSize }) }
}

interface ExportReading {
  readonly filter: ReturnType<typeof parseListRequest>
  readonly snapshot: string
  readonly pageSize: number
}

async function* readPages(
  database: Database,
  { filter, snapshot, pageSize }: ExportReading,
): EventExport['pages'] {
  let after: string | null = null
  for (;;) {
    const page = await readPage(database, { filter, snapshot, pageSize, after })
    if (page.length > 0) yield page
    if (page.length < pageSize) return
    after = page.at(-1)?.id ?? null
  }
}

async function readPage(
  database: Database,
  { filter, snapshot, pageSize, after }: ExportReading & { readonly after: string | null },
): Promise<readonly AuditEvent[]> {
  const { order: _, limit: __, cursor: ___, offset: ____, ...conditions } = filter
  let statement = compose
    .selectFrom('audit_event')
    .select(recordColumns)
    .where(eventsToPage(conditions, [committedBetween(beforeEverything, snapshot)]))
    .orderBy('id')
    .limit(pageSize)
  if (after !== null) statement = statement.where('id', '>', after)
  return (await fetchPage(database, conditions, { page: statement })).map(fromEventRow)
}
