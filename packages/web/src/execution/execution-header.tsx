import { Group, Title } from '@mantine/core'
import { usePageTitle } from '../application/use-page-title.ts'
import type { Execution } from '@steptrail/client'
import { engineCapabilities, notObservable } from '@steptrail/event'
import { formatDuration, type Timeline } from '@steptrail/workflow/timeline'
import { Link } from '@tanstack/react-router'
import { LiveMark } from '../connection/live-mark.tsx'
import type { FollowState } from '../connection/use-follow.ts'
import { Callout } from '../states/callout.tsx'
import { LinkText } from '../text/link-text.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { Moment } from '../time/moment.tsx'
import { ExecutionActions } from './actions/execution-actions.tsx'
import { StepActions } from './actions/step-actions.tsx'
import { EvidenceActions } from './evidence/evidence-actions.tsx'
import { Facts } from './facts.tsx'
import { Adjustments, outcomeFacts, useOutcome } from './outcome.tsx'
import { StatusBadge } from './status-badge.tsx'
import type { Story } from './story.ts'

/** What the top of the page says. */
export interface ExecutionHeaderProps {
  readonly story: Story
  readonly timeline: Timeline
  readonly live: FollowState
}

/** What ran, how it stands, the numbers of it, and what can be done about it. */
export function ExecutionHeader({ story: { execution, isGone }, timeline, live }: ExecutionHeaderProps) {
  const outcome = useOutcome(execution)
  usePageTitle(`${timeline.workflowName || 'Execution'} ${timeline.executionId.slice(-8)}`)
  return (
    <>
      <Group justify="space-between" align="start" gap="sm">
        <div>
          <Group gap="sm">
            <Title order={1} size="h3">
              <VisibleText text={timeline.workflowName || 'An execution without a name'} limit={120} />{' '}
              <span className="faint">
                <VisibleText text={timeline.workflowVersion} limit={60} />
              </span>
            </Title>
            <StatusBadge status={execution?.status ?? timeline.status} />
            <LiveMark state={live} />
          </Group>
        </div>
        {execution?.engine === 'steptrail' && !isGone ? <ExecutionActions execution={execution} /> : null}
      </Group>
      <Facts facts={[...factsOf(execution, timeline), ...outcomeFacts(outcome)]} />
      <Adjustments outcome={outcome} />
      {isGone ? null : <EvidenceActions executionId={timeline.executionId} />}
      <WhyItEnded timeline={timeline} />
      {isGone ? null : <Attention execution={execution} />}
    </>
  )
}

function factsOf(execution: Execution | null, timeline: Timeline) {
  const attempts = timeline.lanes.reduce(
    (sum, { spans }) => sum + spans.filter(({ kind }) => kind === 'attempt').length,
    0,
  )
  const correlationId = execution?.correlationId ?? timeline.correlationId
  return [
    [
      'Execution',
      <span key="id" className="mono">
        <VisibleText text={timeline.executionId} limit={80} />
      </span>,
    ],
    ...engineFacts(execution),
    ['Started', <Moment key="started" at={new Date(timeline.from).toISOString()} />],
    ['Duration', formatDuration(execution?.durationMs ?? timeline.to - timeline.from)],
    ['Attempts', attempts.toLocaleString('en')],
    ['Retries', execution?.retries.toLocaleString('en')],
    ['Undone', execution && execution.rolledBackSteps > 0 ? execution.rolledBackSteps : null],
    ['By', execution?.actor ? <VisibleText text={`${execution.actor.type} ${execution.actor.id}`} /> : null],
    [
      'Correlation',
      correlationId === null ? null : (
        <Link key="correlation" to="/executions" search={{ correlation_id: correlationId }}>
          <LinkText text={correlationId} limit={80} />
        </Link>
      ),
    ],
  ] as const
}

/** Of another engine: its name and id there, and what it does not show. */
function engineFacts(execution: Execution | null) {
  if (execution === null || execution.engine === 'steptrail') return []
  const { engine, engineExecutionId, engineCapabilities: shown } = execution
  const unseen = notObservable(shown).map((name) => engineCapabilities[name])
  return [
    ['Engine', <VisibleText key="engine" text={`${engine} ${engineExecutionId ?? ''}`} limit={80} />],
    ['Not observable in this engine', unseen.length === 0 ? null : unseen.join('; ')],
  ] as const
}

const WhyItEnded = ({ timeline: { reason, failedStep } }: Pick<ExecutionHeaderProps, 'timeline'>) =>
  reason === null ? null : (
    <Callout tone="bad" title={failedStep === null ? 'Why it ended' : `${failedStep} failed`}>
      <VisibleText text={reason} />
    </Callout>
  )

/** For what it waits that a person can give. */
function Attention({ execution }: Pick<Story, 'execution'>) {
  const waiting = execution?.unattended ?? []
  return (
    <>
      {execution?.status === 'blocked' ? (
        <Callout tone="warning" title="It waits for an operator">
          Retry, skip or resolve the step that failed, or cancel the execution.
          {execution.steps
            .filter(({ status }) => status === 'error')
            .map((step) => (
              <StepActions key={step.stepId} execution={execution} step={step} />
            ))}
        </Callout>
      ) : null}
      {waiting.length === 0 ? null : (
        <Callout tone="warning" title="No worker is there for what is due">
          {waiting.map(({ stepName, service, operationType }) => (
            <div key={`${stepName} ${operationType}`}>
              <VisibleText text={`${stepName} ${operationType}: start a worker of ${service}`} />
            </div>
          ))}
        </Callout>
      )}
    </>
  )
}
