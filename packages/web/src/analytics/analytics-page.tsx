import { NativeSelect, Stack, Title } from '@mantine/core'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import { usePageTitle } from '../application/use-page-title.ts'
import { type FilterChange, useFilterChange } from '../list/use-filter-change.ts'
import { Failure } from '../states/failure.tsx'
import { NothingMatches } from '../states/nothing-matches.tsx'
import { Notice } from '../states/notice.tsx'
import { Slowly } from '../states/slowly.tsx'
import { StaleNote } from '../states/stale-note.tsx'
import { useConnection } from '../connection/connection.tsx'
import { Moment } from '../time/moment.tsx'
import classes from './analytics-page.module.css'
import { ReportChart } from './charts/report-chart.tsx'
import { ReportFilters } from './report-filters.tsx'
import { firstReport, inOrder, reportTitle } from './report-names.ts'
import { askedOf, isFiltered, type ReportSearch, subjectOf } from './report-search.ts'
import { ReportTable } from './report-table.tsx'
import { completed, type ReportInfo, useReport, useReports } from './use-report.ts'

/** `/analytics` and `/analytics/{report}`: what the trail says when it is added up, as chart and table. */
export function AnalyticsPage() {
  const { report = firstReport } = useParams({ strict: false })
  const reports = useReports()
  return (
    <Stack className="page" gap="md">
      <Title order={1} size="h3">
        Analytics
      </Title>
      {reports.isPending ? <Slowly what="the list of reports" lines={8} /> : null}
      {reports.isError && !reports.data ? (
        <Failure error={reports.error} onRetry={() => void reports.refetch()} />
      ) : null}
      {reports.data ? <Reports all={inOrder(reports.data.reports)} shown={report} /> : null}
    </Stack>
  )
}

function Reports({ all, shown }: { readonly all: readonly ReportInfo[]; readonly shown: string }) {
  const search = useSearch({ strict: false }) as ReportSearch
  const navigate = useNavigate()
  const change = useFilterChange<ReportSearch>()
  const go = (report: string): void => void navigate({ to: '/analytics/$report', params: { report }, search })
  const info = all.find(({ report }) => report === shown)
  usePageTitle(info ? reportTitle(info.report) : 'No such report')
  return (
    <div className={classes['split']}>
      <nav aria-label="Reports" className={classes['reports']}>
        {all.map(({ report }) => (
          <Link
            key={report}
            to="/analytics/$report"
            params={{ report }}
            search={search}
            aria-current={report === shown ? 'page' : undefined}
          >
            {reportTitle(report)}
          </Link>
        ))}
      </nav>
      <NativeSelect
        className={classes['reportChoice'] ?? ''}
        label="Report"
        value={info ? shown : ''}
        data={[
          ...(info ? [] : [{ value: '', label: 'Choose a report', disabled: true }]),
          ...all.map(({ report }) => ({ value: report, label: reportTitle(report) })),
        ]}
        onChange={(event) => go(event.currentTarget.value)}
      />
      {info ? (
        <ReportView key={shown} info={info} search={search} onChange={change} />
      ) : (
        <Notice title="There is no such report" mark="404">
          The server knows no report of this name.
        </Notice>
      )}
    </div>
  )
}

interface ReportViewProps {
  readonly info: ReportInfo
  readonly search: ReportSearch
  readonly onChange: FilterChange<ReportSearch>
}

function ReportView({ info, search, onChange }: ReportViewProps) {
  return (
    <section className={classes['report']} aria-labelledby="report-title">
      <div>
        <Title order={2} size="h4" id="report-title">
          {reportTitle(info.report)}
        </Title>
        <p className={classes['about']}>{info.about}</p>
      </div>
      <ReportFilters
        search={askedOf(search, info.takes)}
        takes={info.takes}
        requires={info.requires}
        onChange={onChange}
      />
      <Made
        info={info}
        search={search}
        onReset={() => onChange((before) => subjectOf(before, info.requires))}
      />
    </section>
  )
}

interface MadeProps extends Pick<ReportViewProps, 'info' | 'search'> {
  readonly onReset: () => void
}

function Made({ info, search, onReset }: MadeProps) {
  const { now } = useConnection()
  const query = useReport(info, search)
  if (query === null) return <NotAskedYet requires={info.requires} />
  if (query.isPending) return <Slowly what="the report" lines={10} />
  if (query.data === undefined) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const { data: report } = query
  const { period } = completed(info, search, now())
  return (
    <>
      <StaleNote query={query} />
      <p className={classes['window']}>
        <Moment at={report.window.since} /> to <Moment at={report.window.until} />
      </p>
      {report.rows.length === 0 ? (
        <NoRows isNarrowed={isFiltered(askedOf(search, info.takes), info.requires)} onReset={onReset} />
      ) : (
        <>
          <ReportChart report={report} period={period} />
          <ReportTable report={report} period={period} />
        </>
      )}
    </>
  )
}

interface NoRowsProps {
  readonly isNarrowed: boolean
  readonly onReset: () => void
}

const NoRows = ({ isNarrowed, onReset }: NoRowsProps) =>
  isNarrowed ? (
    <NothingMatches onReset={onReset} />
  ) : (
    <Notice title="Nothing is on record for this" mark="○">
      Nothing that this report counts happened in this time. A longer time may have some.
    </Notice>
  )

const neededWords: Readonly<Record<string, string>> = {
  workflow_name: 'the name of a workflow',
  execution_id: 'the id of an execution',
}

const NotAskedYet = ({ requires }: { readonly requires: readonly string[] }) => (
  <Notice title="This report is about one of them" mark="?">
    Give {requires.map((name) => neededWords[name] ?? name).join(' and ')} above.
  </Notice>
)
