import type { Report } from '@steptrail/client'
import { numberOfCell } from '../cell-text.ts'
import type { ChartSpec, ChartTone, Part } from './chart-spec.ts'

type Row = Report['rows'][number]

const count = (row: Row, name: string): number => Math.max(0, numberOfCell(row[name]) ?? 0)
const part = (label: string, tone: ChartTone, valueOf: (row: Row) => number): Part => ({
  label,
  tone,
  valueOf: (row) => Math.max(0, valueOf(row)),
})
const ofColumn = (label: string, tone: ChartTone, name: string): Part =>
  part(label, tone, (row) => count(row, name))

const stepNames = ['workflow_name', 'step_name', 'operation_type']

/** How each report is drawn; one that is not named here is shown as a table alone. */
export const chartSpecs: Readonly<Record<string, ChartSpec>> = {
  'effective-workflows': {
    shape: 'bars',
    names: ['workflow_name'],
    kind: 'share',
    parts: [ofColumn('Mean effectiveness', 'good', 'avg_effectiveness')],
  },
  'failing-workflows': {
    shape: 'bars',
    names: ['workflow_name'],
    kind: 'count',
    parts: [ofColumn('Failures', 'bad', 'failure_count')],
  },
  'slow-steps': {
    shape: 'spread',
    names: ['workflow_name', 'action_type', 'operation_type'],
    kind: 'milliseconds',
  },
  'step-durations': { shape: 'spread', names: stepNames, kind: 'milliseconds' },
  'step-retries': {
    shape: 'bars',
    names: ['step_name', 'operation_type'],
    kind: 'count',
    parts: [ofColumn('Retries', 'warning', 'retry_count')],
  },
  'retry-patterns': {
    shape: 'bars',
    names: ['action_type', 'operation_type'],
    kind: 'count',
    parts: [
      part(
        'Succeeded after retries',
        'good',
        (row) => count(row, 'total_executions') - count(row, 'failures'),
      ),
      ofColumn('Failed all the same', 'bad', 'failures'),
    ],
  },
  'retry-success': {
    shape: 'bars',
    names: stepNames,
    kind: 'count',
    parts: [
      ofColumn('Retries that led to success', 'good', 'successful_after_retry'),
      part('Others', 'warning', (row) => count(row, 'total_retries') - count(row, 'successful_after_retry')),
    ],
  },
  adjustments: {
    shape: 'bars',
    names: ['adjustment_type', 'reason'],
    kind: 'count',
    parts: [ofColumn('Adjustments', 'plain', 'frequency')],
  },
  'failure-rate': {
    shape: 'periods',
    names: ['period_start'],
    kind: 'count',
    parts: [
      ofColumn('Failed', 'bad', 'failure_count'),
      ofColumn('Partial', 'warning', 'partial_count'),
      part(
        'Succeeded',
        'good',
        (row) => count(row, 'execution_count') - count(row, 'failure_count') - count(row, 'partial_count'),
      ),
    ],
  },
  waiting: {
    shape: 'bars',
    names: stepNames,
    kind: 'milliseconds',
    parts: [
      ofColumn('Waited for a worker, on average', 'wait', 'avg_waited_ms'),
      ofColumn('Worked on, on average', 'good', 'avg_worked_ms'),
    ],
  },
  versions: {
    shape: 'pairs',
    names: ['measure', 'step'],
    kind: 'share',
    // Measures of many units in one chart: each as a share of the greater of its two.
    from: (row) => shareOfGreater(row, 'from_value'),
    to: (row) => shareOfGreater(row, 'to_value'),
    called: ['before', 'after'],
  },
  'selected-workflows': {
    shape: 'bars',
    names: ['workflow_name'],
    kind: 'count',
    parts: [
      ofColumn('Chosen', 'good', 'chosen_count'),
      ofColumn('Refused when chosen', 'bad', 'refused_count'),
      part(
        'Offered only',
        'wait',
        (row) => count(row, 'offered_count') - count(row, 'chosen_count') - count(row, 'refused_count'),
      ),
    ],
  },
  'never-chosen-workflows': {
    shape: 'bars',
    names: ['workflow_name'],
    kind: 'count',
    parts: [
      ofColumn('Refused when chosen', 'bad', 'refused_count'),
      part('Offered only', 'wait', (row) => count(row, 'offered_count') - count(row, 'refused_count')),
    ],
  },
  'failing-selections': {
    shape: 'bars',
    names: ['workflow_name'],
    kind: 'count',
    parts: [
      ofColumn('Failed', 'bad', 'failed_count'),
      part('Went otherwise', 'good', (row) => count(row, 'executed_count') - count(row, 'failed_count')),
    ],
  },
  'underperforming-workflows': {
    shape: 'pairs',
    names: ['workflow_name', 'workflow_version'],
    kind: 'share',
    from: (row) => numberOfCell(row['expected_success_rate']),
    to: (row) => numberOfCell(row['success_rate']),
    called: ['expected', 'in fact'],
  },
  'declining-workflows': {
    shape: 'pairs',
    names: ['workflow_name'],
    kind: 'share',
    from: (row) => numberOfCell(row['success_rate_before']),
    to: (row) => numberOfCell(row['success_rate_after']),
    called: ['before', 'after'],
  },
}

function shareOfGreater(row: Row, name: 'from_value' | 'to_value'): number | null {
  const value = numberOfCell(row[name])
  const greater = Math.max(
    Math.abs(numberOfCell(row['from_value']) ?? 0),
    Math.abs(numberOfCell(row['to_value']) ?? 0),
  )
  return value === null || greater === 0 ? null : value / greater
}

/** What a row is called in a chart: what its columns say, without what is not known. */
export const nameOfRow = (row: Row, names: readonly string[]): string =>
  names
    .map((name) => row[name])
    .filter((value) => typeof value === 'string' && value !== '')
    .join(' · ')

/** The most rows of a chart; the table has them all. */
export const mostBars = 25
