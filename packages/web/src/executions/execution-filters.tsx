import { Button, Select, TextInput } from '@mantine/core'
import { statusChoices } from '../execution/status-badge.tsx'
import { SettledInput } from '../list/settled-input.tsx'
import { useClearing } from '../list/use-clearing.ts'
import { fromLocalInput, toLocalInput } from '../time/local-input.ts'
import { FindExecution } from './find-execution.tsx'
import type { ExecutionsSearch } from './executions-search.ts'

/** The filter of the page. */
export interface ExecutionFiltersProps {
  readonly search: ExecutionsSearch
  readonly onChange: (search: ExecutionsSearch) => void
}

/** What the list is narrowed by. Each change is in the address at once. */
export function ExecutionFilters({ search, onChange }: ExecutionFiltersProps) {
  const { inputsKey, clear } = useClearing(() => onChange({}))
  const isFiltered = Object.values(search).some((value) => value !== undefined)
  const set = (name: keyof ExecutionsSearch) => (value: string | null) =>
    onChange({ ...search, [name]: value === null || value === '' ? undefined : value })
  return (
    <div className="filters" role="search" aria-label="Filter of executions" key={inputsKey}>
      <Select
        label="Status"
        placeholder="any"
        clearable
        clearButtonProps={{ 'aria-label': 'Any status' }}
        data={statusChoices}
        value={search.status ?? null}
        onChange={set('status')}
        size="xs"
      />
      <SettledInput
        label="Workflow"
        placeholder="name"
        value={search.workflow_name ?? ''}
        onSettle={set('workflow_name')}
      />
      <SettledInput
        label="Correlation id"
        value={search.correlation_id ?? ''}
        onSettle={set('correlation_id')}
      />
      <TextInput
        type="datetime-local"
        size="xs"
        step={1}
        label="From"
        value={toLocalInput(search.start_date, 'first')}
        onChange={(event) => set('start_date')(fromLocalInput(event.currentTarget.value) ?? null)}
      />
      <TextInput
        type="datetime-local"
        size="xs"
        step={1}
        label="To"
        value={toLocalInput(search.end_date, 'last')}
        onChange={(event) => set('end_date')(fromLocalInput(event.currentTarget.value) ?? null)}
      />
      <FindExecution />
      {isFiltered ? (
        <Button size="xs" variant="subtle" onClick={clear}>
          Clear
        </Button>
      ) : null}
    </div>
  )
}
