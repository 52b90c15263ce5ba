import { Stack, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { LiveMark } from '../connection/live-mark.tsx'
import { Failure } from '../states/failure.tsx'
import { Slowly } from '../states/slowly.tsx'
import { StaleNote } from '../states/stale-note.tsx'
import { DayChart } from './day-chart.tsx'
import { ExecutionLines } from './execution-lines.tsx'
import { durationWords, effectivenessWords, failingWords, Figures, slowWords } from './figures.tsx'
import { IntegrityCard } from './integrity-card.tsx'
import classes from './overview.module.css'
import { ReadinessCard } from './readiness-card.tsx'
import { RecorderLines } from './recorder-lines.tsx'
import { type StateGroup, useOverview, type WatchedState } from './use-overview.ts'

/** `/`: whether anything needs a person now, what runs, what failed last, and how the server does. */
export function OverviewPage() {
  const { groups, days, slow, slowest, leastEffective, failing, readiness, live } = useOverview()
  return (
    <Stack className="page" gap="md">
      <div className={classes['head']}>
        <Title order={1} size="h3">
          Overview
        </Title>
        <LiveMark state={live} />
      </div>
      {groups.isPending ? <Slowly what="the overview" lines={8} /> : null}
      {groups.isError && !groups.data ? (
        <Failure error={groups.error} onRetry={() => void groups.refetch()} />
      ) : null}
      {groups.data ? (
        <>
          <StaleNote query={groups} />
          <Numbers groups={groups.data} />
          <div className={classes['grid']}>
            <Attention groups={groups.data} />
            <Card title="Executions by day (UTC): ended, failed">
              {days.data ? <DayChart days={days.data} /> : null}
              {days.isPending ? <Slowly what="the days" lines={3} /> : null}
              {days.isError && !days.data ? (
                <Failure error={days.error} onRetry={() => void days.refetch()} />
              ) : null}
            </Card>
            <Card title="Failed last">
              <ExecutionLines
                executions={groups.data.failed.executions.slice(0, 8)}
                none="Nothing has failed."
              />
            </Card>
            <Card title="Under way">
              <ExecutionLines
                executions={[...groups.data.rolling_back.executions, ...groups.data.running.executions].slice(
                  0,
                  8,
                )}
                none="Nothing is running."
              />
            </Card>
            <Card title="Fail most, the last 7 days">
              <Figures query={failing} none="Nothing failed." words={failingWords} />
            </Card>
            <Card title="Least effective, the last 7 days">
              <Figures query={leastEffective} none="No execution succeeded." words={effectivenessWords} />
            </Card>
            <Card title="Slowest workflows, the last 7 days">
              <Figures query={slowest} none="No execution succeeded." words={durationWords} />
            </Card>
            <Card title="Slowest steps, the last 7 days">
              <Figures query={slow} none="No step ended." words={slowWords} />
            </Card>
            <Card title="This server">
              <ReadinessCard query={readiness} />
            </Card>
            <Card title="Integrity">
              <IntegrityCard />
              <RecorderLines />
            </Card>
          </div>
        </>
      ) : null}
    </Stack>
  )
}

type Groups = Readonly<Record<WatchedState, StateGroup>>

const Card = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <section className={classes['card']} aria-label={title}>
    <h2>{title}</h2>
    {children}
  </section>
)

const countWords = ({ executions, hasMore }: StateGroup): string =>
  `${executions.length}${hasMore ? '+' : ''}`

const numbers = [
  ['blocked', 'waiting for a person', 'warning'],
  ['rollback_failed', 'rollback failed', 'bad'],
  ['paused', 'paused', 'warning'],
  ['running', 'running', 'plain'],
  ['rolling_back', 'rolling back', 'plain'],
  ['failed', 'failed, rolled back', 'plain'],
] as const

const Numbers = ({ groups }: { readonly groups: Groups }) => (
  <ul className={classes['numbers']} aria-label="Executions by status">
    {numbers.map(([status, label, tone]) => (
      <li key={status} data-tone={groups[status].executions.length > 0 ? tone : 'none'}>
        <Link to="/executions" search={{ status }}>
          <strong>{countWords(groups[status])}</strong>
          <span>{label}</span>
        </Link>
      </li>
    ))}
  </ul>
)

function Attention({ groups }: { readonly groups: Groups }) {
  const waiting = [
    ...groups.rollback_failed.executions,
    ...groups.blocked.executions,
    ...groups.paused.executions,
  ]
  return (
    <Card title="Needs a person">
      {waiting.length === 0 ? (
        <p className="faint">
          Nothing does: no execution is blocked or paused, and every rollback went through.
        </p>
      ) : (
        <ExecutionLines executions={waiting.slice(0, 8)} none="" />
      )}
    </Card>
  )
}
