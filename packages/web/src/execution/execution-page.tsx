import { Stack } from '@mantine/core'
import { isEnded } from '@steptrail/workflow/states'
import { openAttemptsOf, type Timeline, timelineOf } from '@steptrail/workflow/timeline'
import { Link, useParams } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { StaleNote } from '../states/stale-note.tsx'
import { Failure, type FailureProps } from '../states/failure.tsx'
import { FailureOfOne } from '../states/failure-of-one.tsx'
import { Slowly } from '../states/slowly.tsx'
import { ExecutionStory } from './execution-story.tsx'
import type { Story } from './story.ts'
import { type EventsRead, type StoryQueries, useStory } from './use-story.ts'

/** `/executions/{id}`: the timeline of an execution, its events, and what can be done about it. */
export function ExecutionPage() {
  const { executionId } = useParams({ from: '/executions/$executionId' })
  const queries = useStory(executionId)
  return (
    <Stack className="page" gap="md">
      <ExecutionContent key={executionId} queries={queries} />
    </Stack>
  )
}

function ExecutionContent({ queries: { execution, events, live } }: { readonly queries: StoryQueries }) {
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
      <StoryOf story={{ execution: execution.data, ...read }} live={live} />
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

function StoryOf({ story, live }: { readonly story: Story; readonly live: StoryQueries['live'] }) {
  const timeline = useTimeline(story)
  return timeline ? (
    <ExecutionStory story={story} timeline={timeline} live={live} />
  ) : (
    <Failure error={new Error('What is on record names this execution, and none of it is of its engine.')} />
  )
}

const tickMs = 500

/** The timeline of the events: up to now, while the execution is under way. Null when there is none to draw. */
function useTimeline({ execution, events, isWhole }: Story): Timeline | null {
  const isUnderWay = execution !== null && !isEnded(execution.status)
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isUnderWay) return
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [isUnderWay])
  return useMemo(() => {
    if (events.every(({ executionSeq }) => executionSeq === null)) return null
    if (!isWhole) return timelineOf(events, { now: Date.parse(events.at(-1)?.timestamp ?? '') })
    return timelineOf(events, { now, open: openAttemptsOf(execution?.steps ?? []) })
  }, [events, isWhole, execution, now])
}
