import { compose, fetchRows } from '../trail/compose.ts'
import { distributionColumns, distributionsOf, namedStep } from './distribution.ts'
import { ofExecutions, type Report } from './report.ts'
import { stepsOf } from './sources.ts'

/** Which steps take long, all their attempts and delays together. */
export const slowSteps: Report = {
  ...ofExecutions,
  slug: 'slow-steps',
  about: 'Steps by how long they took from start to outcome, retries and delays included, the slowest first.',
  windowDays: 7,
  limit: 20,
  takes: ['operation'],
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'action_type', kind: 'text' },
    { name: 'operation_type', kind: 'text' },
    { name: 'execution_count', kind: 'count' },
    ...distributionColumns,
  ],
  read: async (reader, scope) => {
    const times = compose
      .selectFrom(stepsOf(scope).as('each'))
      .select(['workflow_name', 'action_type as step', 'operation_type', 'duration_ms'])
      .as('time')
    const rows = await fetchRows(reader, distributionsOf(times).limit(scope.limit))
    return rows.map((row) => namedStep(row, 'action_type'))
  },
}
