import { invalidFilter } from '../trail/event-filter.ts'
import type { Report, ReportRow } from './report.ts'
import type { ReportScope } from './report-request.ts'
import { definitionChanges, readOverall, readVersions, type VersionFigures } from './version-figures.ts'

/** What a new version of a workflow changed. */
export const versions: Report = {
  slug: 'versions',
  about:
    'What changed between two versions of a workflow: how they went, their steps, and their definitions.',
  windowDays: 90,
  limit: 1000,
  takes: ['fromVersion', 'toVersion'],
  requires: ['workflowName'],
  columns: [
    { name: 'measure', kind: 'text' },
    { name: 'step', kind: 'text' },
    { name: 'from_version', kind: 'text' },
    { name: 'to_version', kind: 'text' },
    { name: 'from_value', kind: 'number' },
    { name: 'to_value', kind: 'number' },
    { name: 'change', kind: 'change' },
  ],
  read: async (reader, scope) => {
    const asked = askedVersions(scope)
    const overall = await readOverall(reader, scope)
    const pair = asked ?? lastTwo(overall.map((row) => row.workflow_version))
    if (!pair) return []
    const [from, to] = pair
    const [before, after] = await readVersions(reader, scope, { pair, overall })
    const changes = await definitionChanges(reader, scope.workflowName ?? '', pair)
    const rows = [...measured(before, after), ...changes.map(withoutFigures)]
    return rows.slice(0, scope.limit).map((row) => ({ ...row, from_version: from, to_version: to }))
  },
}

/** Those that were asked for; null where none were. */
function askedVersions({ fromVersion, toVersion }: ReportScope): readonly [string, string] | null {
  if ((fromVersion === undefined) !== (toVersion === undefined))
    throw invalidFilter(
      fromVersion === undefined ? 'fromVersion' : 'toVersion',
      null,
      'is missing: give both versions, or neither for the last two',
    )
  return fromVersion === undefined || toVersion === undefined ? null : [fromVersion, toVersion]
}

const lastTwo = ([last, before]: readonly string[]): readonly [string, string] | null =>
  last === undefined || before === undefined ? null : [before, last]

function measured(before: VersionFigures, after: VersionFigures): readonly ReportRow[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])]
  return keys.map((key) => {
    const [measure = '', step = ''] = key.split('\n')
    const from = before.get(key) ?? null
    const to = after.get(key) ?? null
    return {
      measure,
      step: step === '' ? null : step,
      from_value: from,
      to_value: to,
      change: from === null || to === null ? null : to - from,
    }
  })
}

const withoutFigures = ({
  measure,
  step,
}: {
  readonly measure: string
  readonly step: string
}): ReportRow => ({
  measure,
  step,
  from_value: null,
  to_value: null,
  change: null,
})
