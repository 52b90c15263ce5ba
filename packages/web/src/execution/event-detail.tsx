import { ActionIcon, Group, Title } from '@mantine/core'
import type { Execution } from '@steptrail/client'
import { formatDuration } from '@steptrail/workflow/timeline'
import { onEscape } from '../dialog/on-escape.ts'
import { useFocusGivenBack } from '../dialog/use-focus-given-back.ts'
import { JsonView } from '../text/json-view.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { visible } from '../text/visible.ts'
import { Moment } from '../time/moment.tsx'
import { StepActions } from './actions/step-actions.tsx'
import { Facts } from './facts.tsx'
import classes from './event-detail.module.css'
import { StepResults } from './step-results.tsx'
import type { StoryEvent } from './story.ts'

/** What was selected, and how that ends. */
export interface EventDetailProps {
  readonly event: StoryEvent
  readonly execution: Execution | null
  readonly onClose: () => void
}

/** All that is on record of one event; of a step's, what its workers reported as well. */
export function EventDetail({ event, execution, onClose }: EventDetailProps) {
  useFocusGivenBack()
  const step = execution?.steps.find(
    ({ stepId, name, operationType }) =>
      stepId === event.stepId || (name === event.stepName && operationType === (event.operationType ?? 'DO')),
  )
  return (
    <section
      className={classes['frame']}
      aria-label="Details of the selected event"
      onKeyDown={onEscape(onClose)}
    >
      <Group justify="space-between" wrap="nowrap" align="start">
        <div>
          <Title order={2} size="h5">
            <bdi>{visible(event.eventType)}</bdi>
          </Title>
          <span className="faint">
            {event.executionSeq === null ? 'Recorded by an application' : `Event ${event.executionSeq}`},{' '}
            <Moment at={event.timestamp} />
          </span>
        </div>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close the details">
          ✕
        </ActionIcon>
      </Group>
      {event.reason === null ? null : (
        <p className={classes['reason']} data-bad={event.status === 'FAILED' || undefined}>
          <VisibleText text={event.reason} />
        </p>
      )}
      <Facts facts={factsOf(event)} />
      {execution?.engine === 'steptrail' && step ? <StepActions execution={execution} step={step} /> : null}
      <h3>Details</h3>
      <JsonView value={event.details} label="details of the event" />
      {execution && step ? <StepResults executionId={execution.executionId} step={step} /> : null}
    </section>
  )
}

const factsOf = (event: StoryEvent) =>
  [
    [
      'Step',
      event.stepName === null ? null : (
        <VisibleText text={`${event.stepName} ${event.operationType ?? ''}`} />
      ),
    ],
    ['Attempt', attemptOf(event)],
    ['Not observable in this engine', unseenIn(event).join(', ') || null],
    ['Took', event.durationMs === null ? null : formatDuration(event.durationMs)],
    ['Service', event.serviceName === null ? null : <VisibleText text={event.serviceName} />],
    ['Worker', workerOf(event)],
    [
      'By',
      event.actorId === null ? null : <VisibleText text={`${event.actorType ?? ''} ${event.actorId}`} />,
    ],
    ['Action', event.action === null ? null : <VisibleText text={event.action} />],
    ['Status', event.status],
    ['Severity', event.severity === 'info' ? null : event.severity],
    ['Message', event.message === null ? null : <VisibleText text={event.message} />],
    [
      'Event id',
      <span key="id" className="mono">
        {event.id}
      </span>,
    ],
  ] as const

function attemptOf(event: StoryEvent) {
  if (event.retryCount === null || event.stepName === null) return null
  return unseenIn(event).includes('attempts') ? null : event.retryCount + 1
}

/** What the engine of the execution does not show of what the event tells. */
function unseenIn({ details }: StoryEvent): readonly string[] {
  const names = details?.['notObservable']
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
}

function workerOf({ details }: StoryEvent) {
  const worker = details?.['workerUuid'] ?? details?.['worker']
  return typeof worker === 'string' ? <VisibleText text={worker} /> : null
}
