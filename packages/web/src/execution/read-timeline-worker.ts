import { createClient, TrailError } from '@steptrail/client'
import type { StoryEvent } from './story.ts'

/** What is asked of the worker. */
export interface TimelineRequest {
  readonly url: string
  readonly apiKey: string | null
  readonly executionId: string
}

/** What it answers: events, part after part, then that these were all; or why there are none. */
export type TimelinePart =
  | { readonly kind: 'events'; readonly events: readonly StoryEvent[] }
  | { readonly kind: 'end' }
  | {
      readonly kind: 'trouble'
      readonly code: TrailError['code'] | null
      readonly message: string
      readonly details: { readonly status?: number }
    }

/** Events of a part: few enough for the page to take each between two frames. */
const eventsOfPart = 1_000

async function answer({ url, apiKey, executionId }: TimelineRequest): Promise<void> {
  const client = createClient({ url, ...(apiKey !== null && { apiKey }) })
  const { entries } = await client.executions.timeline(executionId)
  for (let first = 0; first < entries.length; first += eventsOfPart)
    send({ kind: 'events', events: entries.slice(first, first + eventsOfPart) })
  send({ kind: 'end' })
}

const send = (part: TimelinePart): void => postMessage(part)

addEventListener('message', ({ data }: MessageEvent<TimelineRequest>) => {
  answer(data).catch((error: unknown) =>
    send({
      kind: 'trouble',
      code: error instanceof TrailError ? error.code : null,
      message: error instanceof Error ? error.message : String(error),
      details: error instanceof TrailError ? statusOf(error) : {},
    }),
  )
})

const statusOf = ({ details: { status } }: TrailError) => (typeof status === 'number' ? { status } : {})
