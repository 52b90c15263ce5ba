import { textOf } from '../application/search-parameters.ts'

/** Which selections a reader chose to see; the names are those of the API's parameters. */
export interface SelectionsSearch {
  readonly workflow_name?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** Reads the search of the page's address. */
export const selectionsSearch = (search: Record<string, unknown>): SelectionsSearch => ({
  workflow_name: textOf(search, 'workflow_name'),
  since: textOf(search, 'since'),
  until: textOf(search, 'until'),
})
