import { Select, Stack, Title } from '@mantine/core'
import type { CatalogSummary } from '@steptrail/client'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { GridTable } from '../administration/grid-table.tsx'
import { useConnection } from '../connection/connection.tsx'
import { SettledInput } from '../input/settled-input.tsx'
import { FilterBar, narrows } from '../list/filter-bar.tsx'
import { PagedList } from '../list/paged-list.tsx'
import { changesOf, type FilterChange, useFilterChange } from '../list/use-filter-change.ts'
import { Notice } from '../states/notice.tsx'
import { LinkText } from '../text/link-text.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { type CatalogueSearch, offerStates } from './catalogue-search.ts'
import { SuccessRates } from './success-rates.tsx'

/** `/catalogue`: what may be selected for what, and how it does against what is expected. */
export function CataloguePage() {
  const search = useSearch({ from: '/catalogue' })
  const change = useFilterChange<CatalogueSearch>()
  return (
    <Stack className="page" gap="md">
      <Title order={1} size="h3">
        Catalogue
      </Title>
      <Filters search={search} onChange={change} />
      <Listed search={search} onReset={() => change(() => ({}))} />
    </Stack>
  )
}

interface FiltersProps {
  readonly search: CatalogueSearch
  readonly onChange: FilterChange<CatalogueSearch>
}

function Filters({ search, onChange }: FiltersProps) {
  const { client } = useConnection()
  const types = useQuery({
    queryKey: ['action-types'],
    queryFn: ({ signal }) => client.catalog.actionTypes({ signal }),
    staleTime: 60_000,
  })
  const { choose, type } = changesOf(onChange)
  const known = types.data?.actionTypes.map(({ actionType }) => actionType) ?? []
  return (
    <FilterBar
      label="Filter of the catalogue"
      isFiltered={narrows(search)}
      onClear={() => onChange(() => ({}))}
    >
      <Select
        label="Action type"
        placeholder="any"
        clearable
        clearButtonProps={{ 'aria-label': 'Any action type' }}
        data={[...new Set([...known, ...(search.action_type === undefined ? [] : [search.action_type])])]}
        value={search.action_type ?? null}
        onChange={choose('action_type')}
        size="xs"
      />
      <SettledInput
        label="Workflow"
        placeholder="name"
        value={search.workflow_name ?? ''}
        onSettle={type('workflow_name')}
      />
      <Select
        label="Status"
        placeholder="any"
        clearable
        clearButtonProps={{ 'aria-label': 'Any status' }}
        data={[...offerStates]}
        value={search.status ?? null}
        onChange={choose('status')}
        size="xs"
      />
    </FilterBar>
  )
}

interface ListedProps {
  readonly search: CatalogueSearch
  readonly onReset: () => void
}

function Listed({ search, onReset }: ListedProps) {
  const { client } = useConnection()
  const list = useInfiniteQuery({
    queryKey: ['catalogue', search],
    queryFn: ({ pageParam, signal }) =>
      client.catalog.list({ ...search, cursor: pageParam, limit: 100 }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  return (
    <PagedList
      list={list}
      what="the catalogue"
      itemsOf={(page) => page.workflows}
      isFiltered={narrows(search)}
      onReset={onReset}
      nothing={
        <Notice title="The catalogue is empty" mark="○">
          Register workflows through the API or by <code>steptrail catalog apply</code>.
        </Notice>
      }
    >
      {(workflows) => <Workflows workflows={workflows} />}
    </PagedList>
  )
}

const Workflows = ({ workflows }: { readonly workflows: readonly CatalogSummary[] }) => (
  <GridTable
    label="Workflows of the catalogue"
    columns={['Workflow', 'Action type', 'Status', 'For', 'Success against expectation', 'Owner']}
    none=""
    rows={workflows.map((workflow) => ({
      key: workflow.workflowId,
      isOver: workflow.status !== 'active',
      cells: [
        <Link key="name" to="/catalogue/$workflowId" params={{ workflowId: workflow.workflowId }}>
          <LinkText text={`${workflow.workflowName} ${workflow.version}`} limit={120} />
        </Link>,
        <VisibleText key="action" text={workflow.actionType} limit={80} />,
        workflow.status,
        <VisibleText key="for" text={labelWords(workflow)} limit={200} />,
        <SuccessRates key="rates" metrics={workflow.successMetrics} />,
        <VisibleText key="owner" text={workflow.owner ?? '–'} limit={80} />,
      ],
    }))}
  />
)

/** The labels that narrow, in words. */
export function labelWords({ labels }: Pick<CatalogSummary, 'labels'>): string {
  const words = Object.entries(labels)
    .filter(([, values]) => values.length > 0 && !values.includes('*'))
    .map(([name, values]) => `${name} ${values.join(' or ')}`)
  return words.length === 0 ? 'every situation' : words.join(', ')
}
