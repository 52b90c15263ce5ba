import type { CatalogSummary } from '@steptrail/client'
import classes from './catalogue.module.css'

const percent = (share: number): string => `${Math.round(share * 100)} %`

/** How often executions of a workflow succeeded, beside how often they should: a bar with a mark. */
export function SuccessRates({ metrics }: { readonly metrics: CatalogSummary['successMetrics'] }) {
  const { actualSuccessRate: actual, expectedSuccessRate: expected, totalExecutions } = metrics
  const words = [
    actual === null ? 'never executed' : `${percent(actual)} of ${totalExecutions.toLocaleString('en')}`,
    ...(expected === null ? [] : [`expected ${percent(expected)}`]),
  ].join(', ')
  const isBelow = actual !== null && expected !== null && actual < expected
  return (
    <span className={classes['rates']} data-below={isBelow || undefined}>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="8" className={classes['ground']} />
        {actual === null ? null : <rect width={actual * 100} height="8" className={classes['actual']} />}
        {expected === null ? null : (
          <rect x={Math.min(98, expected * 100)} width="2" height="8" className={classes['expected']} />
        )}
      </svg>
      {words}
    </span>
  )
}
