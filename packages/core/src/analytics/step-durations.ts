import { fetchRows } from '../trail/compose.ts'
import { distributionColumns, distributionsOf, namedStep } from './distribution.ts'
import { ofExecutions, type Report } from './report.ts'
import { eventsOf } from './sources.ts'

/** How long the successful attempts of steps took. */
export const stepDurations: Report = {
  ...ofExecutions,
  slug: 'step-durations',
  about:
    'Steps by how long their successful attempts took, from claim to acknowledgement, the slowest first.',
  windowDays: 7,
  takes: ['operation'],
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'step_name', kind: 'text' },
    { name: 'operation_type', kind: 'text' },
    { name: 'execution_count', kind: 'count' },
    ...distributionColumns,
  ],
  read: async (reader, scope) => {
    const times = eventsOf(scope, ['STEP_SUCCESS'])
      .select(['event.workflow_name', 'event.step_name as step', 'event.operation_type', 'event.duration_ms'])
      .as('time')
    const rows = await fetchRows(reader, distributionsOf(times).limit(scope.limit))
    return rows.map((row) => namedStep(row, 'step_name'))
  },
}
