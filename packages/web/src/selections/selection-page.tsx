import { Stack, Title } from '@mantine/core'
import type { SelectionReplay } from '@steptrail/client'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { usePageTitle } from '../application/use-page-title.ts'
import { useConnection } from '../connection/connection.tsx'
import { Facts } from '../execution/facts.tsx'
import { FailureOfOne } from '../states/failure-of-one.tsx'
import { Slowly } from '../states/slowly.tsx'
import { LinkText } from '../text/link-text.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import { CandidateList } from './candidate-list.tsx'
import { candidatesOf, type Considered } from './candidates.ts'
import classes from './selection.module.css'

/** `/selections/{remediationId}`: the story of a selection, and why it ended as it did. */
export function SelectionPage() {
  const { remediationId } = useParams({ from: '/selections/$remediationId' })
  const { client } = useConnection()
  const replay = useQuery({
    queryKey: ['selection', remediationId],
    queryFn: ({ signal }) => client.catalog.replay(remediationId, { signal }),
    refetchInterval: 10_000,
  })
  const considered = useQuery({
    queryKey: ['selection-candidates', remediationId],
    queryFn: async ({ signal }) => {
      const { events } = await client.events.list(
        {
          correlation_id: remediationId,
          event_type: 'workflow.catalog.workflows_listed',
          limit: 20,
        },
        { signal },
      )
      return events.map(candidatesOf).find((found) => found !== null && found.candidates.length > 0) ?? null
    },
  })
  if (replay.isPending) return <Slowly what="the selection" lines={10} />
  if (replay.data === undefined)
    return (
      <FailureOfOne
        thing="selection"
        hint={
          <>
            Nothing is on record of this remediation.{' '}
            <Link to="/selections">See the selections there are.</Link>
          </>
        }
        error={replay.error}
        onRetry={() => void replay.refetch()}
      />
    )
  return <Story key={remediationId} replay={replay.data} considered={considered.data ?? null} />
}

interface StoryProps {
  readonly replay: SelectionReplay
  readonly considered: Considered | null
}

function Story({ replay, considered }: StoryProps) {
  const { remediationId, chosen, executions } = replay
  usePageTitle(`Selection ${remediationId}`)
  return (
    <Stack className="page" gap="md">
      <Title order={1} size="h3">
        Selection <VisibleText text={remediationId} limit={80} />
      </Title>
      <Facts facts={factsOf(replay)} />
      {considered ? (
        <section aria-label="Candidates">
          <h2 className={classes['title']}>Who was considered</h2>
          <CandidateList
            considered={considered}
            remediationId={remediationId}
            chosenId={chosen?.workflowId ?? null}
          />
        </section>
      ) : null}
      <section aria-label="Story">
        <h2 className={classes['title']}>The story</h2>
        <Passages passages={replay.passages} />
      </section>
      {executions.length === 0 ? null : (
        <section aria-label="Executions">
          <h2 className={classes['title']}>What was executed</h2>
          <ul className={classes['executions']}>
            {executions.map(({ executionId, workflowName, workflowVersion, outcome, isTheChosen }) => (
              <li key={executionId}>
                <Link to="/executions/$executionId" params={{ executionId }}>
                  <LinkText text={`${workflowName} ${workflowVersion}`} limit={120} />
                </Link>{' '}
                {outcome ?? 'under way'}
                {isTheChosen === false ? ', which is not what was chosen' : ''}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Stack>
  )
}

function factsOf({ chosen, context, refusedCalls }: SelectionReplay) {
  const labels = Object.entries(context ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${name} ${value}`] : [],
  )
  return [
    [
      'Chosen',
      chosen === null ? (
        'nothing'
      ) : (
        <VisibleText key="chosen" text={`${chosen.workflowName} ${chosen.version}`} limit={120} />
      ),
    ],
    ['Situation', <VisibleText key="situation" text={labels.join(', ') || 'not given'} limit={300} />],
    ['Refused calls', refusedCalls === 0 ? null : refusedCalls],
  ] as const
}

const signs: Readonly<Record<string, string>> = {
  asked: '?',
  offered: '≡',
  looked_at: '◉',
  refused: '✗',
  validated: '✓',
  searched: '?',
  executed: '▶',
  outcome: '■',
}

const Passages = ({ passages }: { readonly passages: SelectionReplay['passages'] }) => (
  <ol className={classes['passages']}>
    {passages.map(({ at, kind, sentence, actor, eventId }) => (
      <li key={`${eventId} ${kind}`} data-kind={kind}>
        <span className={classes['sign']} aria-hidden="true">
          {signs[kind] ?? '·'}
        </span>
        <span>
          <VisibleText text={sentence} limit={500} />
          <span className={classes['when']}>
            <Moment at={at} />
            {actor ? <VisibleText text={`, ${actor.type} ${actor.id}`} limit={120} /> : null}
          </span>
        </span>
      </li>
    ))}
  </ol>
)
