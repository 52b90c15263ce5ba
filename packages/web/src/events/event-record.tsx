import { ActionIcon, Group, Title } from '@mantine/core'
import type { Event } from '@steptrail/client'
import { formatDuration } from '@steptrail/workflow/timeline'
import { Link } from '@tanstack/react-router'
import { onEscape } from '../dialog/on-escape.ts'
import { useFocusGivenBack } from '../dialog/use-focus-given-back.ts'
import { Facts } from '../execution/facts.tsx'
import { JsonView } from '../text/json-view.tsx'
import { LinkText } from '../text/link-text.tsx'
import { VisibleText } from '../text/visible-text.tsx'
import { visible } from '../text/visible.ts'
import { Moment } from '../time/moment.tsx'
import classes from './events-page.module.css'

/** An event that was chosen, and how that ends. */
export interface EventRecordProps {
  readonly event: Event
  readonly onClose: () => void
}

/** Everything that is on record of an event. */
export function EventRecord({ event, onClose }: EventRecordProps) {
  useFocusGivenBack()
  return (
    <section
      className={classes['record']}
      aria-label="Details of the selected event"
      onKeyDown={onEscape(onClose)}
    >
      <Group justify="space-between" wrap="nowrap" align="start">
        <div>
          <Title order={2} size="h5">
            <bdi>{visible(event.eventType)}</bdi>
          </Title>
          <span className="faint">
            <Moment at={event.timestamp} />
          </span>
        </div>
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close the details">
          ✕
        </ActionIcon>
      </Group>
      {event.message === null ? null : (
        <p className={classes['message']}>
          <VisibleText text={event.message} />
        </p>
      )}
      <Facts facts={factsOf(event)} />
      <h3>Details</h3>
      <JsonView value={event.details} label="details of the event" />
      <h3>The whole record</h3>
      <JsonView value={recordOf(event)} label="the whole record" />
    </section>
  )
}

const shown = (text: string | null) => (text === null ? null : <VisibleText text={text} limit={200} />)

const factsOf = (event: Event) =>
  [
    ['Result', event.result],
    ['Source', shown(event.source)],
    ['Operation type', shown(event.action)],
    ['By', shown(event.actorId === null ? null : `${event.actorType ?? ''} ${event.actorId}`)],
    ['Reason', shown(event.reason)],
    ['Took', event.durationMs === null ? null : formatDuration(event.durationMs)],
    ['Severity', event.severity],
    ['Workflow', shown(event.workflowName)],
    ['Step', shown(event.stepName === null ? null : `${event.stepName} ${event.operationType ?? ''}`)],
    ['Execution', executionLink(event)],
    ['Correlation', correlationLink(event)],
    ['Resource', shown(event.resourceId === null ? null : `${event.resourceType ?? ''} ${event.resourceId}`)],
    ['Trace', shown(event.traceId)],
    ['Recorded', event.recordedAt === null ? null : <Moment key="recorded" at={event.recordedAt} />],
  ] as const

const executionLink = ({ executionId, id }: Event) =>
  executionId === null ? null : (
    <Link
      key="execution"
      to="/executions/$executionId"
      params={{ executionId }}
      search={{ event: id }}
      className="mono"
    >
      <LinkText text={executionId} limit={80} />
    </Link>
  )

const correlationLink = ({ correlationId }: Event) =>
  correlationId === null ? null : (
    <Link key="correlation" to="/events" search={{ correlation_id: correlationId }}>
      <LinkText text={correlationId} limit={80} />
    </Link>
  )

/** Without what is in it twice under other names. */
function recordOf({ extraInfo: _, details: __, ...record }: Event): Omit<Event, 'extraInfo' | 'details'> {
  return record
}
