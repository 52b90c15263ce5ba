import type { ExecutionList } from '@steptrail/client'
import { formatDuration } from '@steptrail/workflow/timeline'
import { Link } from '@tanstack/react-router'
import { StatusBadge } from '../execution/status-badge.tsx'
import { visible } from '../text/visible.ts'
import { Moment } from '../time/moment.tsx'
import classes from './overview.module.css'

/** Some executions, and what is said when there are none. */
export interface ExecutionLinesProps {
  readonly executions: ExecutionList['executions']
  readonly none: string
}

/** Executions in a few words each. */
export function ExecutionLines({ executions, none }: ExecutionLinesProps) {
  if (executions.length === 0) return <p className="faint">{none}</p>
  return (
    <ul className={classes['lines']}>
      {executions.map(({ executionId, status, workflowName, correlationId, createdAt, durationMs }) => (
        <li key={executionId}>
          <StatusBadge status={status} />
          <span className={classes['lineName']}>
            <Link to="/executions/$executionId" params={{ executionId }}>
              <bdi>{visible(workflowName)}</bdi>
            </Link>{' '}
            <bdi className="mono faint">{visible(correlationId === executionId ? '' : correlationId)}</bdi>
          </span>
          <span className={classes['lineWhen']}>
            <Moment at={createdAt} />
            {durationMs === null ? null : <small>{formatDuration(durationMs)}</small>}
          </span>
        </li>
      ))}
    </ul>
  )
}
