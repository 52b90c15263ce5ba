import { type ExecutionState, executionStates } from '@steptrail/workflow/states'
import { textOf, wordOf } from '../application/search-parameters.ts'

/** Which executions a reader chose to see; the names are those of the API's parameters. */
export interface ExecutionsSearch {
  readonly workflow_name?: string | undefined
  readonly status?: ExecutionState | undefined
  readonly correlation_id?: string | undefined
  readonly start_date?: string | undefined
  readonly end_date?: string | undefined
}

/** Reads the search of the page's address; what is not understood is left out. */
export const executionsSearch = (search: Record<string, unknown>): ExecutionsSearch => ({
  workflow_name: textOf(search, 'workflow_name'),
  status: wordOf(search, 'status', executionStates),
  correlation_id: textOf(search, 'correlation_id'),
  start_date: textOf(search, 'start_date'),
  end_date: textOf(search, 'end_date'),
})
