import { Stack, Title } from '@mantine/core'
import { useSearch } from '@tanstack/react-router'
import { useConnection } from '../connection/connection.tsx'
import { LiveMark } from '../connection/live-mark.tsx'
import { narrows } from '../list/filter-bar.tsx'
import { useFilterChange } from '../list/use-filter-change.ts'
import { Failure } from '../states/failure.tsx'
import { NothingMatches } from '../states/nothing-matches.tsx'
import { Notice } from '../states/notice.tsx'
import { Slowly } from '../states/slowly.tsx'
import { StaleNote } from '../states/stale-note.tsx'
import { hasEnded } from '../time/time-span.ts'
import { ExecutionFilters } from './execution-filters.tsx'
import { ExecutionTable } from './execution-table.tsx'
import classes from './executions-page.module.css'
import type { ExecutionsSearch } from './executions-search.ts'
import { useExecutions } from './use-executions.ts'

/** `/executions`: what runs and ran, by filter, as it happens. */
export function ExecutionsPage() {
  const search = useSearch({ from: '/executions' })
  const { list, live } = useExecutions(search)
  const change = useFilterChange<ExecutionsSearch>()
  return (
    <Stack className="page" gap="md">
      <div className={classes['head']}>
        <Title order={1} size="h3">
          Executions
        </Title>
        <LiveMark state={live} />
      </div>
      <ExecutionFilters search={search} onChange={change} />
      <Listed list={list} search={search} onReset={() => change(() => ({}))} />
    </Stack>
  )
}

interface ListedProps {
  readonly list: ReturnType<typeof useExecutions>['list']
  readonly search: ExecutionsSearch
  readonly onReset: () => void
}

function Listed({ list, search, onReset }: ListedProps) {
  const { now } = useConnection()
  if (list.isPending) return <Slowly what="executions" lines={10} />
  if (list.data === undefined) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  const executions = list.data.pages.flatMap((page) => page.executions)
  const isFiltered = narrows(search)
  return (
    <>
      <StaleNote query={list} />
      {executions.length > 0 ? (
        <ExecutionTable
          executions={executions}
          hasMore={list.hasNextPage}
          isReadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
        />
      ) : null}
      {executions.length === 0 && isFiltered ? (
        <NothingMatches onReset={onReset}>{comingWords(search, now())}</NothingMatches>
      ) : null}
      {executions.length === 0 && !isFiltered ? <NothingThere /> : null}
    </>
  )
}

/** What can still come to match: what has started keeps its start, and its status changes. */
function comingWords({ status, end_date }: ExecutionsSearch, nowMs: number): string | null {
  if (!hasEnded(end_date, nowMs)) return 'What starts and matches appears here by itself.'
  return status === undefined ? null : 'What comes to match appears here by itself.'
}

const NothingThere = () => (
  <Notice title="No workflow has run yet" mark="○">
    Start one with <code>steptrail start</code>, or fill the trail with <code>steptrail demo</code>. What runs
    appears here by itself.
  </Notice>
)
