import type { Compilable } from 'kysely'
import type { Database } from '../database/database.ts'
import { fetchRows, type Reader } from './compose.ts'
import type { EventFilter } from './event-filter.ts'

/** Who reads pages: with a transaction of their own where they may have one. */
export type PageReader = Reader & Partial<Pick<Database, 'transaction'>>

/**
 * Fetches a page of events in the order of their ids. Where every index that finds events of the filter has them in that
 * order, sorting is never better than reading on until the page is full; but of a month without statistics, such as one
 * that has just begun, or any of an embedded database, the planner thinks that next to nothing matches, and would sort
 * the whole of it for each page. So it is told not to. With a name the statement is prepared.
 */
export async function fetchPage<Row>(
  reader: PageReader,
  { executionId, correlationId, eventType }: EventFilter,
  { page, name }: { readonly page: Compilable<Row>; readonly name?: string | undefined },
): Promise<readonly Row[]> {
  const isFoundInOrder = executionId === undefined && correlationId === undefined && eventType === undefined
  if (!isFoundInOrder || !reader.transaction) return await fetchRows(reader, page, name)
  return await reader.transaction(
    async (tx) => {
      await tx('set local enable_sort = off')
      if (name !== undefined) await tx('set local plan_cache_mode = force_generic_plan')
      return await fetchRows({ query: tx }, page, name)
    },
    { readOnly: true },
  )
}
