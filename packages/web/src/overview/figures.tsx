import type { Report } from '@steptrail/client'
import { formatDuration } from '@steptrail/workflow/timeline'
import { Link } from '@tanstack/react-router'
import type { UseQueryResult } from '@tanstack/react-query'
import { Failure } from '../states/failure.tsx'
import { Slowly } from '../states/slowly.tsx'
import { visible } from '../text/visible.ts'
import classes from './overview.module.css'

/** A few rows of a report, in short. */
export interface FiguresProps {
  readonly query: UseQueryResult<Report>
  readonly none: string
  /** What a row says beside the name of its workflow. */
  readonly words: (row: Report['rows'][number]) => string
}

/** Workflows with one figure each; each leads to its executions. */
export function Figures({ query, none, words }: FiguresProps) {
  if (query.isPending) return <Slowly what="a report" lines={3} />
  if (query.data === undefined) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  if (query.data.rows.length === 0) return <p className="faint">{none}</p>
  return (
    <ul className={classes['figures']}>
      {query.data.rows.map((row, index) => (
        <li key={index}>
          <Link to="/executions" search={{ workflow_name: textOf(row['workflow_name']) }}>
            <bdi>{visible(textOf(row['workflow_name']))}</bdi>
          </Link>
          <span>{words(row)}</span>
        </li>
      ))}
    </ul>
  )
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Step and mean duration of a row of `slow-steps`. */
export const slowWords = (row: Report['rows'][number]): string => {
  const mean = row['avg_duration_ms']
  return `${visible(textOf(row['action_type']))}, ${typeof mean === 'number' ? formatDuration(mean) : '–'} on average`
}

/** Failures of a row of `failing-workflows`. */
export const failingWords = (row: Report['rows'][number]): string => {
  const count = Number(row['failure_count'])
  return `${count.toLocaleString('en')} ${count === 1 ? 'failure' : 'failures'}`
}

/** Effectiveness of a row of `effective-workflows`. */
export const effectivenessWords = (row: Report['rows'][number]): string => {
  const share = row['avg_effectiveness']
  return typeof share === 'number' ? `${Math.round(share * 100)} % effective` : 'not measured'
}

/** Mean duration of a row of `effective-workflows`. */
export const durationWords = (row: Report['rows'][number]): string => {
  const seconds = row['avg_duration_seconds']
  return typeof seconds === 'number' ? `${formatDuration(seconds * 1_000)} on average` : '–'
}
