import { numberOf, textOf } from '../application/search-parameters.ts'

/** What a reader chose to see of an execution. */
export interface ExecutionSearch {
  /** The id of the event whose details are shown. */
  readonly event?: string | undefined
  /** The stretch of time that the chart shows, in milliseconds after the first event; all of it unless given. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Reads the search of an execution's address; what is not understood is left out. */
export function executionSearch(search: Record<string, unknown>): ExecutionSearch {
  const [from, to] = [numberOf(search, 'from'), numberOf(search, 'to')]
  const isStretch = from !== undefined && to !== undefined && from < to
  return { event: textOf(search, 'event'), ...(isStretch && { from, to }) }
}
