import { textOf, wordOf } from '../application/search-parameters.ts'

/** Whether a workflow is offered; the words of the API. */
export const offerStates = ['active', 'disabled', 'deprecated'] as const

/** What a reader chose to see of the catalogue; the names are those of the API's parameters. */
export interface CatalogueSearch {
  readonly action_type?: string | undefined
  readonly workflow_name?: string | undefined
  readonly status?: (typeof offerStates)[number] | undefined
}

/** Reads the search of the page's address. */
export const catalogueSearch = (search: Record<string, unknown>): CatalogueSearch => ({
  action_type: textOf(search, 'action_type'),
  workflow_name: textOf(search, 'workflow_name'),
  status: wordOf(search, 'status', offerStates),
})
