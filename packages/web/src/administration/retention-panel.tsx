import { Button } from '@mantine/core'
import type { RetentionPlan, RetentionPolicy, RetentionRun } from '@steptrail/client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import { GridTable } from './grid-table.tsx'
import { matchWords } from './match-words.ts'
import { Panel } from './panel.tsx'
import { PolicyDialog } from './policy-dialog.tsx'
import { RunResult } from './run-result.tsx'

/** For how long what is kept, what would go now, and what has gone. */
export function RetentionPanel() {
  const { client } = useConnection()
  const [edited, setEdited] = useState<RetentionPolicy | 'new' | null>(null)
  const policies = useQuery({
    queryKey: ['retention', 'policies'],
    queryFn: ({ signal }) => client.retention.policies({ signal }),
  })
  const plan = useQuery({
    queryKey: ['retention', 'plan'],
    queryFn: ({ signal }) => client.retention.plan({ signal }),
  })
  const runs = useQuery({
    queryKey: ['retention', 'runs'],
    queryFn: ({ signal }) => client.retention.runs({ signal }),
  })
  if (policies.isError && policies.data === undefined)
    return (
      <Panel title="Policies" about="" query={policies}>
        {() => null}
      </Panel>
    )
  return (
    <>
      <Panel
        title="Policies"
        about="Of several policies that match, the longest holds. What none matches is kept for 90 days."
        query={policies}
        actions={<Button onClick={() => setEdited('new')}>Set a policy</Button>}
      >
        {(all) => <Policies policies={all} onEdit={setEdited} />}
      </Panel>
      <Panel
        title="Dry run"
        about="What a run would let go of now: whole executions that have ended, and events outside executions."
        query={plan}
        actions={
          <Button variant="default" loading={plan.isFetching} onClick={() => void plan.refetch()}>
            Look again
          </Button>
        }
      >
        {(planned) => <Plan plan={planned} />}
      </Panel>
      <Panel title="Runs" about="What retention did, the last run first." query={runs}>
        {(all) => <Runs runs={all} />}
      </Panel>
      {edited === null ? null : (
        <PolicyDialog policy={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
    </>
  )
}

interface PoliciesProps {
  readonly policies: readonly RetentionPolicy[]
  readonly onEdit: (policy: RetentionPolicy) => void
}

const Policies = ({ policies, onEdit }: PoliciesProps) => (
  <GridTable
    label="Policies of retention"
    columns={['What', 'Kept for', 'Change']}
    none="No policy is set, so everything is kept for 90 days."
    rows={policies.map((policy) => ({
      key: JSON.stringify(policy.match),
      cells: [
        <VisibleText key="what" text={matchWords(policy.match, 'everything')} limit={200} />,
        `${policy.keepDays.toLocaleString('en')} days`,
        <Button key="change" size="compact-xs" variant="default" onClick={() => onEdit(policy)}>
          Change
        </Button>,
      ],
    }))}
  />
)

const Plan = ({ plan: { at, executionCount, months } }: { readonly plan: RetentionPlan }) => (
  <>
    <p>
      At <Moment at={at} />: {executionCount.toLocaleString('en')} executions would go.
    </p>
    <GridTable
      label="What a run would let go of"
      columns={['Table', 'Month', 'Rows', 'Go', 'Stay']}
      none="Nothing would go."
      rows={months.map(({ table, month, rowCount, dropCount, keepCount }) => ({
        key: `${table} ${month}`,
        cells: [table, month, ...[rowCount, dropCount, keepCount].map((count) => count.toLocaleString('en'))],
      }))}
    />
  </>
)

const Runs = ({ runs }: { readonly runs: readonly RetentionRun[] }) => (
  <GridTable
    label="Runs of retention"
    columns={['Started', 'Status', 'By', 'What it did']}
    none={
      <>
        Retention has not run yet: <code>steptrail retention run</code> runs it now.
      </>
    }
    rows={runs.map(({ runId, startedAt, status, by, result, error }) => ({
      key: runId,
      cells: [
        <Moment key="started" at={startedAt} />,
        status,
        <VisibleText key="by" text={`${by.type} ${by.id}`} limit={80} />,
        error === null ? (
          <RunResult key="result" result={result} />
        ) : (
          <VisibleText key="error" text={error} limit={300} />
        ),
      ],
    }))}
  />
)
