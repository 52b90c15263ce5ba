import { Stack, Title } from '@mantine/core'
import type { SelectionList } from '@steptrail/client'
import { Link, useSearch } from '@tanstack/react-router'
import { useInfiniteQuery } from '@tanstack/react-query'
import { GridTable } from '../administration/grid-table.tsx'
import { useConnection } from '../connection/connection.tsx'
import { SettledInput } from '../input/settled-input.tsx'
import { TimeInput } from '../input/time-input.tsx'
import { FilterBar, narrows } from '../list/filter-bar.tsx'
import { PagedList } from '../list/paged-list.tsx'
import { changesOf, type FilterChange, useFilterChange } from '../list/use-filter-change.ts'
import { Notice } from '../states/notice.tsx'
import { LinkText } from '../text/link-text.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import type { SelectionsSearch } from './selections-search.ts'

/** `/selections`: by which decisions workflows were chosen, the latest first. */
export function SelectionsPage() {
  const search = useSearch({ from: '/selections' })
  const change = useFilterChange<SelectionsSearch>()
  return (
    <Stack className="page" gap="md">
      <Title order={1} size="h3">
        Selections
      </Title>
      <Filters search={search} onChange={change} />
      <Listed search={search} onReset={() => change(() => ({}))} />
    </Stack>
  )
}

interface FiltersProps {
  readonly search: SelectionsSearch
  readonly onChange: FilterChange<SelectionsSearch>
}

function Filters({ search, onChange }: FiltersProps) {
  const { type } = changesOf(onChange)
  return (
    <FilterBar label="Filter of selections" isFiltered={narrows(search)} onClear={() => onChange(() => ({}))}>
      <SettledInput
        label="Chosen workflow"
        placeholder="any"
        value={search.workflow_name ?? ''}
        onSettle={type('workflow_name')}
      />
      <TimeInput size="xs" label="From" value={search.since} edge="first" onSettle={type('since')} />
      <TimeInput size="xs" label="To" value={search.until} edge="last" onSettle={type('until')} />
    </FilterBar>
  )
}

interface ListedProps {
  readonly search: SelectionsSearch
  readonly onReset: () => void
}

function Listed({ search, onReset }: ListedProps) {
  const { client } = useConnection()
  const list = useInfiniteQuery({
    queryKey: ['selections', search],
    queryFn: ({ pageParam, signal }) =>
      client.catalog.selections({ ...search, cursor: pageParam, limit: 100 }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: 15_000,
  })
  return (
    <PagedList
      list={list}
      what="selections"
      itemsOf={(page) => page.selections}
      isFiltered={narrows(search)}
      onReset={onReset}
      nothing={
        <Notice title="Nothing has been selected yet" mark="○">
          When an agent or a person looks for a workflow, the story of it appears here.
        </Notice>
      }
    >
      {(selections) => <Selections selections={selections} />}
    </PagedList>
  )
}

const Selections = ({ selections }: { readonly selections: Readonly<SelectionList['selections']> }) => (
  <GridTable
    label="Selections"
    columns={['Remediation', 'Began', 'Calls', 'Refused', 'Chosen', 'Outcome']}
    none=""
    rows={selections.map((selection) => ({
      key: selection.remediationId,
      cells: [
        <Link
          key="remediation"
          to="/selections/$remediationId"
          params={{ remediationId: selection.remediationId }}
        >
          <LinkText text={selection.remediationId} limit={80} />
        </Link>,
        <Moment key="began" at={selection.firstAt} />,
        selection.calls,
        selection.refusedCalls === 0 ? '–' : selection.refusedCalls,
        selection.chosenWorkflow === null ? (
          'nothing'
        ) : (
          <VisibleText
            key="chosen"
            text={`${selection.chosenWorkflow} ${selection.chosenVersion ?? ''}`}
            limit={120}
          />
        ),
        selection.outcome ?? '–',
      ],
    }))}
  />
)
