import { canonicalJson } from '@steptrail/verify'
import type { WorkflowDefinition } from '@steptrail/workflow'
import { sql } from 'kysely'
import { compose, fetchRows, type Reader } from '../trail/compose.ts'
import type { ReportScope } from './report-request.ts'
import { auditsOf } from './sources.ts'

/** Figures by what is measured and, after a line feed, the step. */
export type VersionFigures = ReadonlyMap<string, number | null>

/** How the executions of each version went. */
interface VersionOverall {
  readonly workflow_version: string
  readonly execution_count: number
  readonly success_rate: number | null
  readonly avg_effectiveness: number | null
  readonly avg_duration_ms: number | null
  readonly p95_duration_ms: number | null
}

/**
 * How the executions of every version went that ended in the window, the version whose executions ended last first. All
 * are counted at once, since to find out which there are takes as long.
 */
export const readOverall = (reader: Reader, scope: ReportScope): Promise<readonly VersionOverall[]> =>
  fetchRows(reader, overallFigures(scope))

/** Two versions, and what is known of their executions. */
interface VersionPair {
  readonly pair: readonly [string, string]
  readonly overall: readonly VersionOverall[]
}

/** The figures of two versions: those of their executions, and those of their steps, which are read. */
export async function readVersions(
  reader: Reader,
  scope: ReportScope,
  { pair, overall }: VersionPair,
): Promise<readonly [VersionFigures, VersionFigures]> {
  const steps = await fetchRows(reader, stepFigures(scope, pair))
  const of = (version: string): VersionFigures => {
    const { workflow_version: _, ...figures } = overall.find(
      ({ workflow_version: found }) => found === version,
    ) ?? { ...noFigures, workflow_version: version }
    return new Map<string, number | null>([
      ...Object.entries(figures),
      ...steps
        .filter((row) => row.workflow_version === version)
        .flatMap(({ action, ...step }): (readonly [string, number])[] => [
          [`avg_step_duration_ms\n${action}`, step.avg_step_duration_ms],
          [`avg_step_retries\n${action}`, step.avg_step_retries],
        ]),
    ])
  }
  return [of(pair[0]), of(pair[1])]
}

const noFigures = {
  execution_count: 0,
  success_rate: null,
  avg_effectiveness: null,
  avg_duration_ms: null,
  p95_duration_ms: null,
} as const

const overallFigures = (scope: ReportScope) =>
  auditsOf(scope)
    .groupBy('audit.workflow_version')
    .select([
      'audit.workflow_version',
      sql<number>`count(*)`.as('execution_count'),
      sql<number | null>`avg((audit.outcome = 'success')::int)::float8`.as('success_rate'),
      sql<number | null>`avg(audit.effectiveness_score)::float8`.as('avg_effectiveness'),
      sql<number | null>`avg(extract(epoch from audit.total_duration) * 1000)::float8`.as('avg_duration_ms'),
      sql<number | null>`percentile_cont(0.95) within group (order by
        extract(epoch from audit.total_duration)::float8 * 1000)`.as('p95_duration_ms'),
    ])
    .orderBy(sql`min(audit.created_at)`, 'desc')

const stepFigures = (scope: ReportScope, versions: readonly [string, string]) =>
  auditsOf(scope)
    .where('audit.workflow_version', 'in', versions)
    .innerJoinLateral(
      sql<{ readonly element: string }>`jsonb_array_elements(audit.step_executions)`.as<'step'>(
        sql`step(element)`,
      ),
      (join) => join.onTrue(),
    )
    .groupBy(['audit.workflow_version', sql`element ->> 'action'`])
    .select([
      'audit.workflow_version',
      sql<string>`element ->> 'action'`.as('action'),
      sql<number>`avg((element ->> 'duration')::float8)`.as('avg_step_duration_ms'),
      sql<number>`avg((element ->> 'retries_attempted')::int)::float8`.as('avg_step_retries'),
    ])
    .orderBy('action')

/** Steps that one definition has and the other has not, or has otherwise. None where one is not registered. */
export async function definitionChanges(
  reader: Reader,
  workflowName: string,
  [from, to]: readonly [string, string],
): Promise<readonly { readonly measure: string; readonly step: string }[]> {
  const rows = await fetchRows(
    reader,
    compose
      .selectFrom('workflow_definitions')
      .where('workflow_name', '=', workflowName)
      .where('workflow_version', 'in', [from, to])
      .select(['workflow_version', 'definition']),
  )
  const before = rows.find((row) => row.workflow_version === from)?.definition
  const after = rows.find((row) => row.workflow_version === to)?.definition
  if (!before || !after) return []
  const steps = (definition: WorkflowDefinition) =>
    new Map(definition.steps.map((step) => [step.name, canonicalJson({ ...step, retry: { ...step.retry } })]))
  const old = steps(before)
  const new_ = steps(after)
  return [...new Set([...old.keys(), ...new_.keys()])].flatMap((step) => {
    if (!new_.has(step)) return [{ measure: 'step_removed', step }]
    if (!old.has(step)) return [{ measure: 'step_added', step }]
    return old.get(step) === new_.get(step) ? [] : [{ measure: 'step_changed', step }]
  })
}
