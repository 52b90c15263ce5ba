import type { RecorderLosses } from '@steptrail/client/messages'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useConnection } from '../connection/connection.tsx'
import { Failure } from '../states/failure.tsx'
import { Slowly } from '../states/slowly.tsx'
import { visible } from '../text/visible.ts'
import { Moment } from '../time/moment.tsx'
import classes from './overview.module.css'

/** What recorders lost: the one of the server by its counts, the others by the numbers that are missing on record. */
export function RecorderLines() {
  const query = useLosses()
  if (query.isPending) return <Slowly what="what recorders lost" lines={2} />
  if (query.data === undefined) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const { server, gaps } = query.data
  return (
    <ul className={classes['components']} aria-label="What recorders lost">
      <ServerLine server={server} />
      {gaps === null ? (
        <li>
          <span aria-hidden="true">·</span> other recorders
          <span className="faint">only who sees every tenant is told what they lost</span>
        </li>
      ) : null}
      {gaps?.length === 0 ? (
        <li data-status="ok">
          <span aria-hidden="true">✓</span> recorders
          <span className="faint">no number of theirs is missing on record, the last day</span>
        </li>
      ) : null}
      {gaps?.slice(0, shown).map((gap) => (
        <GapLine key={gap.recorder_id} gap={gap} />
      ))}
      {(gaps?.length ?? 0) > shown ? (
        <li className="faint">and {(gaps?.length ?? 0) - shown} recorders more</li>
      ) : null}
    </ul>
  )
}

const shown = 5

function useLosses(): UseQueryResult<RecorderLosses> {
  const { client } = useConnection()
  return useQuery({
    queryKey: ['recorder-losses'],
    queryFn: ({ signal }) => client.recorderLosses({ signal }),
    refetchInterval: 60_000,
  })
}

function ServerLine({ server: { dropped, written } }: Pick<RecorderLosses, 'server'>) {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0)
  return (
    <li data-status={reasons.length > 0 ? 'failed' : 'ok'}>
      <span aria-hidden="true">{reasons.length > 0 ? '✗' : '✓'}</span> recorder of this server
      <span className="faint">
        {reasons.length > 0
          ? `lost ${reasons.map(([reason, count]) => `${count.toLocaleString('en')} (${reason})`).join(', ')}`
          : `lost none; wrote ${written.toLocaleString('en')}`}
      </span>
    </li>
  )
}

type Gap = NonNullable<RecorderLosses['gaps']>[number]

const GapLine = ({
  gap: { service_name: service, recorder_id: id, missing, last_at: at },
}: {
  readonly gap: Gap
}) => (
  <li data-status="failed">
    <span aria-hidden="true">✗</span>{' '}
    <Link to="/events" search={{ source: service ?? 'system' }}>
      <bdi>{visible(service ?? `recorder ${id}`)}</bdi>
    </Link>
    <span className="faint">
      {missing.toLocaleString('en')} {missing === 1 ? 'event is' : 'events are'} missing: dropped, or in a
      spool still; <Moment at={at} />
    </span>
  </li>
)
