import { formatDuration } from '@steptrail/workflow/timeline'
import { Link } from '@tanstack/react-router'
import { unsealedAgeMs, unsealedWords, useLogStanding } from '../integrity/use-log.ts'
import { Failure } from '../states/failure.tsx'
import { Slowly } from '../states/slowly.tsx'
import { Moment } from '../time/moment.tsx'
import classes from './overview.module.css'

/** Whether what is recorded gets sealed, and what verifying found last. */
export function IntegrityCard() {
  const status = useLogStanding()
  if (status.isPending) return <Slowly what="the state of the log" lines={2} />
  if (status.data === undefined) return <Failure error={status.error} onRetry={() => void status.refetch()} />
  const { sealer, last_verification: last } = status.data
  const age = unsealedAgeMs(status.data)
  return (
    <ul className={classes['components']}>
      <li data-status={sealer.state === 'in trouble' ? 'failed' : 'ok'}>
        <span aria-hidden="true">{sealer.state === 'in trouble' ? '✗' : '✓'}</span> sealing
        <span className="faint">
          {age === null
            ? 'everything is sealed'
            : `${unsealedWords(status.data)} wait, the oldest for ${formatDuration(age)}`}
        </span>
      </li>
      <li data-status={last?.outcome === 'defect' ? 'failed' : 'ok'}>
        <span aria-hidden="true">{last === null ? '·' : last.outcome === 'defect' ? '✗' : '✓'}</span>{' '}
        <Link to="/integrity">verification</Link>
        <span className="faint">
          {last === null ? 'has not run yet' : <Verified at={last.at} isWell={last.outcome === 'verified'} />}
        </span>
      </li>
    </ul>
  )
}

const Verified = ({ at, isWell }: { readonly at: string; readonly isWell: boolean }) => (
  <>
    {isWell ? 'all was well' : 'a defect was found'}, <Moment at={at} />
  </>
)
