/** The reports by what they are called for people, in the order in which they are offered. */
const titles: Readonly<Record<string, string>> = {
  'failure-rate': 'Failures over time',
  'failing-workflows': 'What fails, and how',
  'effective-workflows': 'Most effective workflows',
  'declining-workflows': 'Declining workflows',
  'slow-steps': 'Slow steps',
  'step-durations': 'Durations of attempts',
  waiting: 'Waiting against working',
  'retry-patterns': 'What needs retries',
  'retry-success': 'Whether retries help',
  'step-retries': 'Retries of an execution',
  adjustments: 'Adjustments at run time',
  versions: 'What a version changed',
  'selected-workflows': 'What is chosen',
  'never-chosen-workflows': 'What is never chosen',
  'failing-selections': 'What is chosen and fails',
  'underperforming-workflows': 'Below what is expected',
}

/** The report that is shown unless another is asked for. */
export const firstReport = 'failure-rate'

/** What a report is called; one that these pages do not know by its slug. */
export const reportTitle = (report: string): string => titles[report] ?? report.replaceAll('-', ' ')

/** Reports in the order in which they are offered; those that these pages do not know come last. */
export function inOrder<Report extends { readonly report: string }>(
  reports: readonly Report[],
): readonly Report[] {
  const order = Object.keys(titles)
  const place = ({ report }: Report): number => {
    const at = order.indexOf(report)
    return at < 0 ? order.length : at
  }
  return reports.toSorted((a, b) => place(a) - place(b))
}

/** Words of units that are said with the number, so not in the heading. */
const units = /_(ms|pct|seconds)$/

/** A column's name as a heading. */
export function columnTitle(name: string): string {
  const words = name.replace(units, '').replaceAll('_', ' ').replace(/^avg /, 'mean ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
