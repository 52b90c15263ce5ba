import { Link } from '@tanstack/react-router'
import { type DayCount, layoutDays } from './day-counts.ts'
import classes from './overview.module.css'

/** How many executions ended and failed on each of the last days; each day leads to what failed on it. */
export const DayChart = ({ days }: { readonly days: readonly DayCount[] }) => (
  <ol className={classes['days']} aria-label="Executions by day">
    {layoutDays(days).map(({ day, well, failed }) => (
      <li key={day.from}>
        <Link
          to="/analytics/$report"
          params={{ report: 'failing-workflows' }}
          search={{ since: new Date(day.from).toISOString(), until: new Date(day.to).toISOString() }}
          title={`${dayText(day.from)}: ${day.ended} ended, ${day.failed} failed`}
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
          <span>{dayText(day.from).slice(8)}</span>
          <span className={classes['dayNumbers']}>
            {day.ended}
            {day.failed > 0 ? <b aria-label={`${day.failed} failed`}>{day.failed}</b> : null}
          </span>
        </Link>
      </li>
    ))}
  </ol>
)

/** As in `2026-11-04`: a day of UTC. */
const dayText = (from: number): string => new Date(from).toISOString().slice(0, 10)
