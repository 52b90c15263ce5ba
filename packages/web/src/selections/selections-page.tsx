import { Button, Stack, Title } from '@mantine/core'
import type { SelectionList } from '@steptrail/client'
import { Link, useSearch } from '@tanstack/react-router'
import { useInfiniteQuery } from '@tanstack/react-query'
import { GridTable } from '../administration/grid-table.tsx'
import { useConnection } from '../connection/connection.tsx'
import { SettledInput } from '../input/settled-input.tsx'
import { TimeInput } from '../input/time-input.tsx'
import { useClearing } from '../list/use-clearing.ts'
import { changesOf, type FilterChange, useFilterChange } from '../list/use-filter-change.ts'
import { Failure } from '../states/failure.tsx'
import { NothingMatches } from '../states/nothing-matches.tsx'
import { Notice } from '../states/notice.tsx'
import { Slowly } from '../states/slowly.tsx'
import { StaleNote } from '../states/stale-note.tsx'
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
  const { inputsKey, clear } = useClearing(() => onChange(() => ({})))
  const { type } = changesOf(onChange)
  return (
    <div className="filters" role="search" aria-label="Filter of selections" key={inputsKey}>
      <SettledInput
        label="Chosen workflow"
        placeholder="any"
        value={search.workflow_name ?? ''}
        onSettle={type('workflow_name')}
      />
      <TimeInput size="xs" label="From" value={search.since} edge="first" onSettle={type('since')} />
      <TimeInput size="xs" label="To" value={search.until} edge="last" onSettle={type('until')} />
      {isFiltered(search) ? (
        <Button size="xs" variant="subtle" onClick={clear}>
          Clear
        </Button>
      ) : null}
    </div>
  )
}

const isFiltered = (search: SelectionsSearch): boolean =>
  Object.values(search).some((value) => value !== undefined)

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
  if (list.isPending) return <Slowly what="selections" lines={8} />
  if (list.data === undefined) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  const selections = list.data.pages.flatMap((page) => page.selections)
  if (selections.length === 0)
    return isFiltered(search) ? (
      <NothingMatches onReset={onReset} />
    ) : (
      <Notice title="Nothing has been selected yet" mark="○">
        When an agent or a person looks for a workflow, the story of it appears here.
      </Notice>
    )
  return (
    <>
      <StaleNote query={list} />
      <Selections selections={selections} />
      {list.hasNextPage ? (
        <Button variant="subtle" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          Show more
        </Button>
      ) : null}
    </>
  )
}

const Selections = ({ selections }: { readonly selections: SelectionList['selections'] }) => (
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
