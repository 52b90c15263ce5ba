import { Link } from '@tanstack/react-router'
import { localDay } from '../time/instant.ts'
import { type DayCount, layoutDays } from './day-counts.ts'
import classes from './overview.module.css'

/** How many executions started and failed on each of the last days; each day leads to its executions. */
export const DayChart = ({ days }: { readonly days: readonly DayCount[] }) => (
  <ol className={classes['days']} aria-label="Executions by day">
    {layoutDays(days).map(({ day, well, failed }) => (
      <li key={day.from}>
        <Link
          to="/executions"
          search={{
            start_date: new Date(day.from).toISOString(),
            end_date: new Date(day.to - 1).toISOString(),
          }}
          title={`${localDay(day.from)}: ${day.started} started, ${day.failed} failed`}
        >
          <svg viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true">
            <rect
              x="0"
              width="10"
              y={well.y * 100}
              height={well.height * 100}
              className={classes['wellBar']}
            />
            <rect
              x="0"
              width="10"
              y={failed.y * 100}
              height={failed.height * 100}
              className={classes['failedBar']}
            />
          </svg>
          <span>{localDay(day.from).slice(5)}</span>
          <span className={classes['dayNumbers']}>
            {day.started}
            {day.failed > 0 ? <b> {day.failed} failed</b> : null}
          </span>
        </Link>
      </li>
    ))}
  </ol>
)
