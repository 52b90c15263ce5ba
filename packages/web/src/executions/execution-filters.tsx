import { Select } from '@mantine/core'
import { statusChoices } from '../execution/status-badge.tsx'
import { SettledInput } from '../input/settled-input.tsx'
import { TimeInput } from '../input/time-input.tsx'
import { FilterBar, narrows } from '../list/filter-bar.tsx'
import { changesOf, type FilterChange } from '../list/use-filter-change.ts'
import { FindExecution } from './find-execution.tsx'
import type { ExecutionsSearch } from './executions-search.ts'

/** The filter of the page. */
export interface ExecutionFiltersProps {
  readonly search: ExecutionsSearch
  readonly onChange: FilterChange<ExecutionsSearch>
}

/** What the list is narrowed by. Each change is in the address at once. */
export function ExecutionFilters({ search, onChange }: ExecutionFiltersProps) {
  const { choose, type } = changesOf(onChange)
  return (
    <FilterBar label="Filter of executions" isFiltered={narrows(search)} onClear={() => onChange(() => ({}))}>
      <Select
        label="Status"
        placeholder="any"
        clearable
        clearButtonProps={{ 'aria-label': 'Any status' }}
        data={statusChoices}
        value={search.status ?? null}
        onChange={choose('status')}
        size="xs"
      />
      <SettledInput
        label="Workflow"
        placeholder="name"
        value={search.workflow_name ?? ''}
        onSettle={type('workflow_name')}
      />
      <SettledInput
        label="Correlation id"
        value={search.correlation_id ?? ''}
        onSettle={type('correlation_id')}
      />
      <TimeInput
        size="xs"
        label="From"
        value={search.start_date}
        edge="first"
        onSettle={type('start_date')}
      />
      <TimeInput size="xs" label="To" value={search.end_date} edge="last" onSettle={type('end_date')} />
      <FindExecution />
    </FilterBar>
  )
}
