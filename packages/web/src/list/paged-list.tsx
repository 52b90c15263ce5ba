import { Button } from '@mantine/core'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from '../states/failure.tsx'
import { NothingMatches } from '../states/nothing-matches.tsx'
import { Slowly } from '../states/slowly.tsx'
import { StaleNote } from '../states/stale-note.tsx'

/** A list that is read by the page. */
export interface PagedListProps<Page, Item> {
  readonly list: UseInfiniteQueryResult<InfiniteData<Page>>
  /** What is awaited, as in `the catalogue`. */
  readonly what: string
  readonly itemsOf: (page: Page) => readonly Item[]
  readonly isFiltered: boolean
  readonly onReset: () => void
  /** What stands there when there is nothing at all. */
  readonly nothing: ReactNode
  readonly children: (items: readonly Item[]) => ReactNode
}

/** What has been read of a list, in whichever state it is, and a button for more of it. */
export function PagedList<Page, Item>(props: PagedListProps<Page, Item>) {
  const { list, what, itemsOf, isFiltered, onReset, nothing, children } = props
  if (list.isPending) return <Slowly what={what} lines={8} />
  if (list.data === undefined) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  const items = list.data.pages.flatMap(itemsOf)
  if (items.length === 0) return isFiltered ? <NothingMatches onReset={onReset} /> : nothing
  return (
    <>
      <StaleNote query={list} />
      {children(items)}
      {list.hasNextPage ? (
        <Button variant="subtle" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          Show more
        </Button>
      ) : null}
    </>
  )
}
