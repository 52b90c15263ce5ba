import { Stack } from '@mantine/core'
import { isEnded } from '@steptrail/workflow/states'
import type { Lane, Span, Timeline } from '@steptrail/workflow/timeline'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import type { FollowState } from '../connection/use-follow.ts'
import { JsonView } from '../text/json-view.tsx'
import { EventDetail } from './event-detail.tsx'
import { EventList } from './event-list.tsx'
import { eventOfSpan } from './event-of-span.ts'
import { ExecutionHeader } from './execution-header.tsx'
import type { ExecutionSearch } from './execution-search.ts'
import classes from './execution-story.module.css'
import { eventById, type Story, type StoryEvent } from './story.ts'
import { TimelineChart } from './timeline/timeline-chart.tsx'
import type { View } from './timeline/viewport.ts'

/** An execution that was read. */
export interface ExecutionStoryProps {
  readonly story: Story
  readonly timeline: Timeline
  readonly live: FollowState
}

/** The timeline, the details of what is selected, and the events beside them. */
export function ExecutionStory({ story, timeline, live }: ExecutionStoryProps) {
  const { search, change } = useExecutionSearch()
  const { events, execution, isGone } = story
  const selected = eventById(events, search.event)
  const lane = laneOfEvent(timeline, selected)
  const select = useCallback((event: StoryEvent | undefined) => change({ event: event?.id }), [change])
  const selectSpan = useCallback(
    (of: Lane, span: Span) => select(eventOfSpan(events, of, span)),
    [events, select],
  )
  const from = timeline.from
  const chosen = useMemo(
    () =>
      search.from === undefined || search.to === undefined
        ? null
        : { from: from + search.from, to: from + search.to },
    [search.from, search.to, from],
  )
  const choose = useCallback(
    (view: View | null) =>
      change({
        from: view ? Math.floor(view.from - from) : undefined,
        to: view ? Math.ceil(view.to - from) : undefined,
      }),
    [change, from],
  )
  return (
    <>
      <ExecutionHeader story={story} timeline={timeline} live={live} />
      {story.isWhole ? null : (
        <p className="faint" role="status">
          These are its first {events.length.toLocaleString('en')} events; the rest is being read.
        </p>
      )}
      <div className={classes['columns']}>
        <Stack gap="md" className={classes['main']}>
          <TimelineChart
            timeline={timeline}
            chosen={chosen}
            onChoose={choose}
            selected={lane && selected ? { lane, seq: selected.executionSeq } : null}
            onSelect={selectSpan}
          />
          {selected ? (
            <EventDetail
              key={selected.id}
              event={selected}
              execution={isGone ? null : execution}
              onClose={() => select(undefined)}
            />
          ) : (
            <InputAndOutput story={story} />
          )}
        </Stack>
        <EventList events={events} selectedId={search.event ?? null} onSelect={select} />
      </div>
    </>
  )
}

/** What the address says, and how to change it: other choices replace it, so that "back" leaves the page. */
function useExecutionSearch() {
  const search = useSearch({ from: '/executions/$executionId' })
  const navigate = useNavigate({ from: '/executions/$executionId' })
  const change = useCallback(
    (next: Partial<ExecutionSearch>) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false }),
    [navigate],
  )
  return { search, change }
}

const laneOfEvent = ({ lanes }: Timeline, event: StoryEvent | undefined): Lane | null =>
  lanes.find(
    ({ stepName, operation }) => stepName === event?.stepName && operation === (event.operationType ?? 'DO'),
  ) ?? null

function InputAndOutput({ story: { execution } }: { readonly story: Story }) {
  if (!execution)
    return <p className="faint hint">Choose a bar or an event to see what is on record of it.</p>
  return (
    <section className={classes['values']} aria-label="Input and output">
      <div>
        <h2>Input</h2>
        {execution.input === null ? (
          <p className="faint">None on record.</p>
        ) : (
          <JsonView value={execution.input} label="input" />
        )}
      </div>
      <div>
        <h2>Output</h2>
        {execution.output === null ? (
          <p className="faint">{isEnded(execution.status) ? 'None.' : 'None so far.'}</p>
        ) : (
          <JsonView value={execution.output} label="output" />
        )}
      </div>
      <p className="faint hint">Choose a bar or an event to see what is on record of it.</p>
    </section>
  )
}
