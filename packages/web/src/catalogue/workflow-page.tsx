import { Stack, Title } from '@mantine/core'
import type { CatalogEntry } from '@steptrail/client'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { usePageTitle } from '../application/use-page-title.ts'
import { GridTable } from '../administration/grid-table.tsx'
import { useConnection } from '../connection/connection.tsx'
import { Facts } from '../execution/facts.tsx'
import { Callout } from '../states/callout.tsx'
import { FailureOfOne } from '../states/failure-of-one.tsx'
import { Slowly } from '../states/slowly.tsx'
import { JsonView } from '../text/json-view.tsx'
import { LinkText } from '../text/link-text.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import { labelWords } from './catalogue-page.tsx'
import classes from './catalogue.module.css'
import { OfferActions } from './offer-actions.tsx'
import { SuccessRates } from './success-rates.tsx'

/** `/catalogue/{workflowId}`: one workflow, its versions and parameters, and how it does. */
export function WorkflowPage() {
  const { workflowId } = useParams({ from: '/catalogue/$workflowId' })
  const { client } = useConnection()
  const entry = useQuery({
    queryKey: ['catalogue-entry', workflowId],
    queryFn: ({ signal }) => client.catalog.get(workflowId, { signal }),
  })
  if (entry.isPending) return <Slowly what="the workflow" lines={10} />
  if (entry.data === undefined)
    return (
      <FailureOfOne
        thing="workflow"
        hint={
          <>
            The catalogue has none with this id. <Link to="/catalogue">See the workflows there are.</Link>
          </>
        }
        error={entry.error}
        onRetry={() => void entry.refetch()}
      />
    )
  return <Entry key={workflowId} entry={entry.data} />
}

function Entry({ entry }: { readonly entry: CatalogEntry }) {
  usePageTitle(entry.title)
  return (
    <Stack className="page" gap="md">
      <div>
        <Title order={1} size="h3">
          <VisibleText text={entry.title} limit={200} />
        </Title>
        <p className="faint">
          <VisibleText text={entry.description} limit={1_000} />
        </p>
      </div>
      {entry.disabledReason === null ? null : (
        <Callout tone="warning" title={`It is ${entry.status}`}>
          <VisibleText text={entry.disabledReason} />
        </Callout>
      )}
      <Facts facts={factsOf(entry)} />
      <OfferActions entry={entry} />
      <section className={classes['part']} aria-label="Action type">
        <h2>What it does</h2>
        <Facts
          facts={[
            ['What', <VisibleText key="what" text={entry.action.what} />],
            ['When to use', <VisibleText key="when" text={entry.action.whenToUse} />],
            ['When not to use', <VisibleText key="not" text={entry.action.whenNotToUse} />],
          ]}
        />
      </section>
      <section className={classes['part']} aria-label="Versions">
        <h2>Versions</h2>
        <GridTable
          label="Versions"
          columns={['Version', 'Status', 'Registered', 'Notes']}
          none="There is no other."
          rows={entry.versions.map((version) => ({
            key: version.workflowId,
            isOver: version.status !== 'active',
            cells: [
              <Link key="version" to="/catalogue/$workflowId" params={{ workflowId: version.workflowId }}>
                <LinkText text={version.version} limit={60} />
              </Link>,
              version.status,
              <Moment key="at" at={version.registeredAt} />,
              <VisibleText
                key="notes"
                text={version.versionNotes ?? version.disabledReason ?? '–'}
                limit={300}
              />,
            ],
          }))}
        />
      </section>
      <section className={classes['part']} aria-label="Parameters">
        <h2>Parameters</h2>
        <JsonView value={entry.parameters} label="schema of the parameters" />
      </section>
    </Stack>
  )
}

const factsOf = (entry: CatalogEntry) =>
  [
    ['Workflow', <VisibleText key="name" text={`${entry.workflowName} ${entry.version}`} limit={120} />],
    ['Action type', <VisibleText key="action" text={entry.actionType} limit={80} />],
    ['Status', entry.status],
    ['For', <VisibleText key="for" text={labelWords(entry)} limit={300} />],
    ['Success', <SuccessRates key="rates" metrics={entry.successMetrics} />],
    ['Owner', entry.owner === null ? null : <VisibleText key="owner" text={entry.owner} limit={80} />],
    [
      'Content',
      <span key="hash" className="mono" title={entry.contentHash}>
        {entry.contentHash.slice(0, 12)}…
      </span>,
    ],
    [
      'Executions',
      <Link key="executions" to="/executions" search={{ workflow_name: entry.workflowName }}>
        show
      </Link>,
    ],
  ] as const
