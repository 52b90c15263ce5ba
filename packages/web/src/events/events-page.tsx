import { Button, Drawer, Group, SegmentedControl, Stack, Title } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { Event } from '@steptrail/client'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo } from 'react'
import { LiveMark } from '../connection/live-mark.tsx'
import { type FilterChange, useFilterChange } from '../list/use-filter-change.ts'
import { VirtualList } from '../list/virtual-list.tsx'
import { Callout } from '../states/callout.tsx'
import { Failure } from '../states/failure.tsx'
import { Slowly } from '../states/slowly.tsx'
import { StaleNote } from '../states/stale-note.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { EventFilterBar } from './event-filter-bar.tsx'
import { EventRecord } from './event-record.tsx'
import { EventColumns, EventRow } from './event-row.tsx'
import classes from './events-page.module.css'
import { type EventFilters, eventFilters, type EventsSearch, isFiltered, refreshes } from './events-search.ts'
import { ExportMenu } from './export-menu.tsx'
import { NothingListed } from './nothing-listed.tsx'
import { useEvents } from './use-events.ts'
import { ViewsMenu } from './views-menu.tsx'

/** `/events`: what happened, the last 7 days unless asked otherwise, as it happens. */
export function EventsPage() {
  const search: EventsSearch = useSearch({ from: '/events' })
  const { event: _, refresh = 'live' } = search
  const filters = useSettledFilters(search)
  const events = useEvents(filters, refresh)
  const change = useFilterChange<EventsSearch>()
  const select = useSelecting()
  const filter: FilterChange<EventFilters> = (next, typedInto) =>
    change((before) => ({ ...next(eventFilters(before)), refresh: before.refresh }), typedInto)
  return (
    <Stack className={`page ${classes['page']}`} gap="md">
      <Group justify="space-between" align="end">
        <Group gap="md">
          <Title order={1} size="h3">
            Events
          </Title>
          <Extent events={events} />
          <LiveMark state={events.live} />
        </Group>
        <Group gap="sm">
          <SegmentedControl
            size="xs"
            aria-label="How the list is kept up to date"
            value={refresh}
            data={refreshes.map((value) => ({ value, label: refreshWords[value] }))}
            onChange={(value) =>
              change((before) => ({ ...before, refresh: refreshes.find((each) => each === value) }))
            }
          />
          <ViewsMenu filters={filters} onChoose={(view) => filter(() => view)} />
          <ExportMenu filters={filters} />
        </Group>
      </Group>
      <EventFilterBar filters={filters} onChange={filter} />
      <Listed
        events={events}
        filters={filters}
        selectedId={search.event ?? null}
        onSelect={select}
        onReset={() => filter(() => ({}))}
      />
    </Stack>
  )
}

const refreshWords = { live: 'Live', '30s': 'Every 30 s', off: 'Still' } as const

/** Keeps in the address which event is selected: who goes through a list with the arrow keys goes back past it at once. */
function useSelecting() {
  const navigate = useNavigate({ from: '/events' })
  return useCallback(
    (id: string | undefined) =>
      void navigate({ search: (before) => ({ ...before, event: id }), replace: true, resetScroll: false }),
    [navigate],
  )
}

/** The same object as long as the filter is the same, whatever else of the address changes. */
function useSettledFilters(search: EventsSearch): EventFilters {
  const text = JSON.stringify(eventFilters(search))
  return useMemo(() => JSON.parse(text) as EventFilters, [text])
}

interface ListedProps {
  readonly events: ReturnType<typeof useEvents>
  readonly filters: EventFilters
  readonly selectedId: string | null
  readonly onSelect: (id: string | undefined) => void
  readonly onReset: () => void
}

const rowHeight = 38
const narrowRowHeight = 58

function Listed({ events: { list, events, live }, filters, selectedId, onSelect, onReset }: ListedProps) {
  const isNarrow = useMediaQuery('(max-width: 62em)') ?? false
  const more = useCallback(() => {
    // What failed is tried again by the reader: the end of the list stays in sight, and would ask for ever.
    if (list.hasNextPage && !list.isFetching && !list.isFetchNextPageError) void list.fetchNextPage()
  }, [list])
  const isSearching = events.length === 0 && list.hasNextPage
  useEffect(() => {
    if (isSearching) more()
  }, [isSearching, more])
  if (list.isPending || (isSearching && !list.isError)) return <Slowly what="events" lines={14} />
  if (list.data === undefined) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  if (isSearching) return <Failure error={list.error} onRetry={() => void list.fetchNextPage()} />
  if (events.length === 0)
    return (
      <NothingListed
        isFiltered={isFiltered(filters)}
        isFollowed={live !== 'off' && live !== 'refused'}
        onReset={onReset}
      />
    )
  const selected = events.find(({ id }) => id === selectedId)
  return (
    <>
      {list.isFetchNextPageError ? <RestUnread list={list} /> : <StaleNote query={list} />}
      <div className={classes['split']} data-detail={(selected && !isNarrow) || undefined}>
        <div className={classes['frame']}>
          <EventColumns />
          <VirtualList
            // Another filter begins at the top.
            key={JSON.stringify(filters)}
            className={classes['list']}
            label="Events, the newest first"
            items={events}
            rowHeight={isNarrow ? narrowRowHeight : rowHeight}
            keyOf={idOf}
            renderRow={renderRow}
            selectedKey={selectedId}
            onSelect={({ id }) => onSelect(id)}
            onEnd={more}
          />
        </div>
        <Details event={selected} isNarrow={isNarrow} onClose={() => onSelect(undefined)} />
      </div>
    </>
  )
}

const RestUnread = ({ list }: { readonly list: ListedProps['events']['list'] }) => (
  <Callout tone="warning" title="The events before these could not be read">
    <VisibleText text={list.error?.message ?? ''} />{' '}
    <Button size="compact-xs" variant="default" onClick={() => void list.fetchNextPage()}>
      Read on
    </Button>
  </Callout>
)

const idOf = ({ id }: Event): string => id
const renderRow = (event: Event) => <EventRow event={event} />

interface DetailsProps {
  readonly event: Event | undefined
  readonly isNarrow: boolean
  readonly onClose: () => void
}

/** Beside the list, or over it where there is no room. */
function Details({ event, isNarrow, onClose }: DetailsProps) {
  const record = event ? <EventRecord key={event.id} event={event} onClose={onClose} /> : null
  if (!isNarrow) return record
  return (
    <Drawer.Root opened={event !== undefined} onClose={onClose} position="bottom" size="85%">
      <Drawer.Overlay />
      <Drawer.Content aria-label="The selected event">
        <Drawer.Body>{record}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  )
}

/** How many match, and of which time. */
function Extent({ events: { total, window } }: { readonly events: ReturnType<typeof useEvents> }) {
  if (total === undefined) return null
  return (
    <span className="faint" role="status">
      {total.toLocaleString('en')} {total === 1 ? 'event' : 'events'}
      {sinceWords(window?.start_date)}
    </span>
  )
}

const sinceWords = (start: string | null | undefined): string =>
  start === null || start === undefined
    ? ''
    : ` since ${new Date(start).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}`
