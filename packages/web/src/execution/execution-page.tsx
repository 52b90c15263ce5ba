import { Stack } from '@mantine/core'
import { openAttemptsOf, type Timeline, timelineOf } from '@steptrail/workflow/timeline'
import { Link, useParams } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { StaleNote } from '../states/stale-note.tsx'
import type { FailureProps } from '../states/failure.tsx'
import { FailureOfOne } from '../states/failure-of-one.tsx'
import { Notice } from '../states/notice.tsx'
import { Slowly } from '../states/slowly.tsx'
import { ExecutionStory } from './execution-story.tsx'
import { isOfAnEngine, isUnderWay, type Story } from './story.ts'
import { type EventsRead, type StoryQueries, useStory } from './use-story.ts'

/** `/executions/{id}`: the timeline of an execution, its events, and what can be done about it. */
export function ExecutionPage() {
  const { executionId } = useParams({ from: '/executions/$executionId' })
  const queries = useStory(executionId)
  return (
    <Stack className="page" gap="md">
      <ExecutionContent key={executionId} executionId={executionId} queries={queries} />
    </Stack>
  )
}

interface ExecutionContentProps {
  readonly executionId: string
  readonly queries: StoryQueries
}

function ExecutionContent({
  executionId,
  queries: { execution, isGone, events, live },
}: ExecutionContentProps) {
  const refetch = (): void => void Promise.all([execution.refetch(), events.refetch()])
  const read = useRestWithoutHaste(events.data)
  if (read === undefined || execution.data === undefined) {
    const error = events.error ?? execution.error
    return error ? (
      <NoExecution error={error} onRetry={refetch} />
    ) : (
      <Slowly what="the execution" lines={12} />
    )
  }
  return (
    <>
      <StaleNote query={events.isError ? events : execution} />
      <StoryOf story={{ execution: execution.data, isGone, ...read }} executionId={executionId} live={live} />
    </>
  )
}

const NoExecution = (failure: FailureProps) => (
  <FailureOfOne
    thing="execution"
    hint={
      <>
        Nothing is on record under this id; what was may have gone by retention.{' '}
        <Link to="/executions">See the executions there are.</Link>
      </>
    }
    {...failure}
  />
)

/**
 * What was read: the first events at once. All of a long execution take their place between frames, however many they
 * are, and what somebody does meanwhile goes first.
 */
function useRestWithoutHaste(read: EventsRead | undefined): EventsRead | undefined {
  const deferred = useDeferredValue(read)
  return read?.isWhole ? (deferred ?? read) : read
}

interface StoryOfProps {
  readonly story: Story
  readonly executionId: string
  readonly live: StoryQueries['live']
}

function StoryOf({ story, executionId, live }: StoryOfProps) {
  const timeline = useTimeline(story)
  return timeline ? (
    <ExecutionStory story={story} timeline={timeline} live={live} />
  ) : (
    <Notice title="No engine recorded this execution" mark="○">
      Applications wrote about it, and there is no timeline of it.{' '}
      <Link to="/events" search={{ execution_id: executionId }}>
        See what they wrote.
      </Link>
    </Notice>
  )
}

const tickMs = 500

/** The timeline of the events: up to now, while the execution is under way. Null when there is none to draw. */
function useTimeline({ execution, isGone, events, isWhole }: Story): Timeline | null {
  const goesOn = !isGone && isUnderWay(execution, events)
  const { now: serverNow } = useConnection()
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    if (!goesOn) return
    const timer = setInterval(() => setNow(serverNow()), tickMs)
    return () => clearInterval(timer)
  }, [goesOn, serverNow])
  return useMemo(() => {
    if (!isOfAnEngine(events)) return null
    if (!isWhole) return timelineOf(events, { now: Date.parse(events.at(-1)?.timestamp ?? '') })
    return timelineOf(events, { now, open: openAttemptsOf(execution?.steps ?? []) })
  }, [events, isWhole, execution, now])
}
