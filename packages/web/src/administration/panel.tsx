import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from '../states/failure.tsx'
import { Slowly } from '../states/slowly.tsx'
import { StaleNote } from '../states/stale-note.tsx'
import classes from './administration.module.css'

/** A part of the page: what it is about, what can be done, and what was read for it. */
export interface PanelProps<Data> {
  readonly title: string
  /** What a reader has to know about it. */
  readonly about: string
  readonly query: UseQueryResult<Data>
  readonly actions?: ReactNode
  readonly children: (data: Data) => ReactNode
}

/** Shows what was read; until then, and where that failed, says so. */
export function Panel<Data>({ title, about, query, actions, children }: PanelProps<Data>) {
  return (
    <section className={classes['panel']} aria-label={title}>
      <div className={classes['head']}>
        <div>
          <h2>{title}</h2>
          <p className="faint">{about}</p>
        </div>
        {actions}
      </div>
      {query.isPending ? <Slowly what={title.toLowerCase()} lines={4} /> : null}
      {query.isError && query.data === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      {query.data === undefined ? null : (
        <>
          <StaleNote query={query} />
          {children(query.data)}
        </>
      )}
    </section>
  )
}
