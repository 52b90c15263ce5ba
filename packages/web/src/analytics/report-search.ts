import { textOf } from '../application/search-parameters.ts'

/** What a report is asked about; the names are those of the API's parameters. */
const reportParameters = [
  'since',
  'until',
  'workflow_name',
  'tenant',
  'operation',
  'execution_id',
  'from_version',
  'to_version',
  'period',
] as const
type ReportParameter = (typeof reportParameters)[number]

/** What a reader asked of a report; what is not understood is left out. */
export type ReportSearch = { readonly [Name in ReportParameter]?: string | undefined }

/** Reads the search of the page's address. */
export const reportSearch = (search: Record<string, unknown>): ReportSearch =>
  Object.fromEntries(reportParameters.map((name) => [name, textOf(search, name)]))

/** Of what a reader asked, the subject of the report, which it cannot do without: no filter. */
export const subjectOf = (search: ReportSearch, requires: readonly string[]): ReportSearch =>
  Object.fromEntries(
    reportParameters.filter((name) => requires.includes(name)).map((name) => [name, search[name]]),
  )

/** Whether a reader asked for less than all there is about the subject. */
export const isFiltered = (search: ReportSearch, requires: readonly string[]): boolean =>
  reportParameters.some((name) => search[name] !== undefined && !requires.includes(name))

/** Filters that every report takes; of the others the list of reports says which. */
const general: readonly string[] = ['since', 'until', 'workflow_name', 'tenant']

/** Of what a reader asked, what this report takes: the same address may have been of another. */
export const askedOf = (search: ReportSearch, takes: readonly string[]): ReportSearch =>
  Object.fromEntries(
    reportParameters
      .filter((name) => general.includes(name) || takes.includes(name))
      .map((name) => [name, search[name]]),
  )
