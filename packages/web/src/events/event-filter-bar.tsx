import { Button, Select } from '@mantine/core'
import {
  entityTypes,
  knownActions,
  knownSources,
  operationTypes,
  outcomes,
  severities,
} from '@steptrail/event'
import { useState } from 'react'
import { SettledInput } from '../input/settled-input.tsx'
import { TimeInput } from '../input/time-input.tsx'
import { useClearing } from '../list/use-clearing.ts'
import { changesOf, type FilterChange } from '../list/use-filter-change.ts'
import { type EventFilters, eventFilterNames, isFiltered } from './events-search.ts'

/** The filter of the page. */
export interface EventFilterBarProps {
  readonly filters: EventFilters
  readonly onChange: FilterChange<EventFilters>
}

/** What the list is narrowed by: what is asked for daily, and all else behind one button. */
export function EventFilterBar({ filters, onChange }: EventFilterBarProps) {
  const narrowing = further.filter((name) => filters[name] !== undefined).join()
  const [isOpen, setIsOpen] = useState(narrowing !== '')
  const [shown, setShown] = useState(narrowing)
  // A view that is chosen, or an address that is gone back to, narrows by nothing that is out of sight.
  if (narrowing !== shown) {
    setShown(narrowing)
    if (narrowing !== '') setIsOpen(true)
  }
  const { inputsKey, clear } = useClearing(() => onChange(() => ({})))
  const changes = changesOf(onChange)
  const { choose, type } = changes
  return (
    <div role="search" aria-label="Filter of events" key={inputsKey}>
      <div className="filters">
        <TimeInput
          size="xs"
          label="From"
          value={filters.start_date}
          edge="first"
          onSettle={type('start_date')}
        />
        <TimeInput size="xs" label="To" value={filters.end_date} edge="last" onSettle={type('end_date')} />
        <SettledInput
          label="Operation type"
          placeholder="any"
          choices={knownActions}
          value={filters.operation_type ?? ''}
          onSettle={type('operation_type')}
        />
        <SettledInput
          label="Source"
          placeholder="any"
          choices={knownSources}
          value={filters.source ?? ''}
          onSettle={type('source')}
        />
        <Choice label="Result" of={outcomes} value={filters.result} onChange={choose('result')} />
        <SettledInput
          label="Search"
          placeholder="text in the event"
          value={filters.q ?? ''}
          onSettle={type('q')}
        />
        <Button size="xs" variant="default" onClick={() => setIsOpen(!isOpen)} aria-expanded={isOpen}>
          {isOpen ? 'Fewer filters' : 'More filters'}
        </Button>
        {isFiltered(filters) ? (
          <Button size="xs" variant="subtle" onClick={clear}>
            Clear
          </Button>
        ) : null}
      </div>
      {isOpen ? <FurtherFilters filters={filters} changes={changes} /> : null}
    </div>
  )
}

const further = eventFilterNames.slice(eventFilterNames.indexOf('event_type'))

interface FurtherFiltersProps {
  readonly filters: EventFilters
  readonly changes: ReturnType<typeof changesOf<EventFilters>>
}

const FurtherFilters = ({ filters, changes: { choose, type } }: FurtherFiltersProps) => (
  <div className="filters">
    <SettledInput
      label="Event type"
      placeholder="STEP_FAILED"
      value={filters.event_type ?? ''}
      onSettle={type('event_type')}
    />
    <Choice label="Operation" of={operationTypes} value={filters.operation} onChange={choose('operation')} />
    <Choice label="About" of={entityTypes} value={filters.entity_type} onChange={choose('entity_type')} />
    <Choice label="Severity" of={severities} value={filters.severity} onChange={choose('severity')} />
    <SettledInput label="Workflow" value={filters.workflow_name ?? ''} onSettle={type('workflow_name')} />
    <SettledInput label="Step" value={filters.step_name ?? ''} onSettle={type('step_name')} />
    <SettledInput label="Actor" value={filters.actor ?? ''} onSettle={type('actor')} />
    <SettledInput label="Execution" value={filters.execution_id ?? ''} onSettle={type('execution_id')} />
    <SettledInput
      label="Correlation id"
      value={filters.correlation_id ?? ''}
      onSettle={type('correlation_id')}
    />
  </div>
)

interface ChoiceProps {
  readonly label: string
  readonly of: readonly string[]
  readonly value: string | undefined
  readonly onChange: (value: string | null) => void
}

const Choice = ({ label, of, value, onChange }: ChoiceProps) => (
  <Select
    label={label}
    placeholder="any"
    clearable
    clearButtonProps={{ 'aria-label': `Any ${label.toLowerCase()}` }}
    data={[...of]}
    value={value ?? null}
    onChange={onChange}
    size="xs"
  />
)
