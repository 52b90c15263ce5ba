import { Button, Group, Select, TextInput } from '@mantine/core'
import { statusChoices } from '../execution/status-badge.tsx'
import { SettledInput } from '../list/settled-input.tsx'
import type { ExecutionsSearch } from './executions-search.ts'

/** The filter of the page. */
export interface ExecutionFiltersProps {
  readonly search: ExecutionsSearch
  readonly onChange: (search: ExecutionsSearch) => void
}

/** What the list is narrowed by. Each change is in the address at once. */
export function ExecutionFilters({ search, onChange }: ExecutionFiltersProps) {
  const isFiltered = Object.values(search).some((value) => value !== undefined)
  const set = (name: keyof ExecutionsSearch) => (value: string | null) =>
    onChange({ ...search, [name]: value === null || value === '' ? undefined : value })
  return (
    <Group gap="sm" align="end" role="search" aria-label="Filter of executions">
      <Select
        label="Status"
        placeholder="any"
        clearable
        clearButtonProps={{ 'aria-label': 'Any status' }}
        data={statusChoices}
        value={search.status ?? null}
        onChange={set('status')}
        w={170}
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
        type="date"
        label="From"
        value={search.start_date ?? ''}
        onChange={(event) => set('start_date')(event.currentTarget.value)}
      />
      <TextInput
        type="date"
        label="To"
        value={search.end_date ?? ''}
        onChange={(event) => set('end_date')(event.currentTarget.value)}
      />
      {isFiltered ? (
        <Button variant="subtle" onClick={() => onChange({})}>
          Clear
        </Button>
      ) : null}
    </Group>
  )
}
