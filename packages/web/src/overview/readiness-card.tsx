import type { Readiness } from '@steptrail/client/messages'
import type { UseQueryResult } from '@tanstack/react-query'
import { Failure } from '../states/failure.tsx'
import { Slowly } from '../states/slowly.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import classes from './overview.module.css'

/** What the server needs for its work, each by name, and whether it is there. */
export function ReadinessCard({ query }: { readonly query: UseQueryResult<Readiness> }) {
  if (query.isPending) return <Slowly what="the state of the server" lines={3} />
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  return (
    <ul className={classes['components']}>
      {Object.entries(query.data.components).map(([name, { status, detail }]) => (
        <li key={name} data-status={status}>
          <span aria-hidden="true">{status === 'ok' ? '✓' : '✗'}</span> {name}
          <span className="faint">{status === 'ok' ? 'ready' : status}</span>
          {detail === undefined ? null : (
            <p>
              <VisibleText text={detail} />
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}
