import { Select } from '@mantine/core'
import { operationTypes } from '@steptrail/event'
import { SettledInput } from '../input/settled-input.tsx'
import { TimeInput } from '../input/time-input.tsx'
import { FilterBar } from '../list/filter-bar.tsx'
import { changesOf, type FilterChange } from '../list/use-filter-change.ts'
import { reportPeriods } from './charts/periods.ts'
import { isFiltered, type ReportSearch, subjectOf } from './report-search.ts'

/** The filter of a report. */
export interface ReportFiltersProps {
  readonly search: ReportSearch
  /** What this report takes beside what every report takes. */
  readonly takes: readonly string[]
  readonly requires: readonly string[]
  readonly onChange: FilterChange<ReportSearch>
}

/** Time, workflow and tenant, and what else the report takes. */
export function ReportFilters({ search, takes, requires, onChange }: ReportFiltersProps) {
  const { choose, type } = changesOf(onChange)
  const needed = (name: string): string => (requires.includes(name) ? 'needed' : 'any')
  return (
    <FilterBar
      label="Filter of the report"
      isFiltered={isFiltered(search, requires)}
      onClear={() => onChange((before) => subjectOf(before, requires))}
    >
      <TimeInput size="xs" label="From" value={search.since} edge="first" onSettle={type('since')} />
      <TimeInput size="xs" label="To" value={search.until} edge="last" onSettle={type('until')} />
      <SettledInput
        label="Workflow"
        placeholder={needed('workflow_name')}
        value={search.workflow_name ?? ''}
        onSettle={type('workflow_name')}
      />
      <SettledInput label="Tenant" placeholder="any" value={search.tenant ?? ''} onSettle={type('tenant')} />
      {takes.includes('operation') ? (
        <Choice
          label="Operation"
          of={operationTypes}
          value={search.operation}
          onChange={choose('operation')}
        />
      ) : null}
      {takes.includes('period') ? (
        <Choice label="Period" of={reportPeriods} value={search.period} onChange={choose('period')} />
      ) : null}
      {(['execution_id', 'from_version', 'to_version'] as const)
        .filter((name) => takes.includes(name))
        .map((name) => (
          <SettledInput
            key={name}
            label={textLabels[name]}
            placeholder={needed(name)}
            value={search[name] ?? ''}
            onSettle={type(name)}
          />
        ))}
    </FilterBar>
  )
}

const textLabels = {
  execution_id: 'Execution',
  from_version: 'From version',
  to_version: 'To version',
} as const

interface ChoiceProps {
  readonly label: string
  readonly of: readonly string[]
  readonly value: string | undefined
  readonly onChange: (value: string | null) => void
}

const Choice = ({ label, of, value, onChange }: ChoiceProps) => (
  <Select
    label={label}
    placeholder={label === 'Period' ? 'fitting' : 'any'}
    clearable
    clearButtonProps={{ 'aria-label': `Any ${label.toLowerCase()}` }}
    data={[...of]}
    value={of.find((each) => each === value) ?? null}
    onChange={onChange}
    size="xs"
  />
)
