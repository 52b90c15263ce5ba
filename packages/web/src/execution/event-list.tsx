import { Title } from '@mantine/core'
import { describeEvent, formatDuration, subjectOf } from '@steptrail/workflow/timeline'
import { VirtualList } from '../list/virtual-list.tsx'
import { visible } from '../text/visible.ts'
import { Moment } from '../time/moment.tsx'
import { toneOf } from './event-tone.ts'
import classes from './event-list.module.css'
import type { StoryEvent } from './story.ts'

/** The events of an execution beside its timeline. */
export interface EventListProps {
  readonly events: readonly StoryEvent[]
  readonly selectedId: string | null
  readonly onSelect: (event: StoryEvent) => void
}

const rowHeight = 52
const mostCharacters = 240
const idOf = ({ id }: StoryEvent): string => id

/** Every event in the order of its sequence. */
export const EventList = ({ events, selectedId, onSelect }: EventListProps) => (
  <section className={classes['frame']} aria-label="Events">
    <div className={classes['head']}>
      <Title order={2}>Events</Title>
      <span className="faint">{events.length.toLocaleString('en')} in order</span>
    </div>
    <VirtualList
      className={classes['list']}
      label="Events in order"
      items={events}
      rowHeight={rowHeight}
      keyOf={idOf}
      renderRow={(event, index) => <EventRow event={event} before={events[index - 1]} />}
      selectedKey={selectedId}
      onSelect={onSelect}
    />
  </section>
)

function EventRow({
  event,
  before,
}: {
  readonly event: StoryEvent
  readonly before: StoryEvent | undefined
}) {
  const gapMs = before ? Date.parse(event.timestamp) - Date.parse(before.timestamp) : null
  const subject = subjectOf(event)
  const said = describeEvent(event).slice(0, mostCharacters)
  return (
    <div className={classes['row']} data-tone={toneOf(event)}>
      <span className={classes['number']}>{event.executionSeq ?? '·'}</span>
      <span className={classes['type']}>{visible(event.eventType)}</span>
      <span className={classes['when']}>
        <Moment at={event.timestamp} shows="time" />
        {gapMs === null ? null : (
          <span className={classes['gap']}>+{formatDuration(Math.max(0, gapMs))}</span>
        )}
      </span>
      <span className={classes['said']}>
        {subject === '' ? null : (
          <bdi className={classes['subject']}>{visible(subject.slice(0, mostCharacters))}</bdi>
        )}
        <bdi>{visible(said)}</bdi>
      </span>
    </div>
  )
}
