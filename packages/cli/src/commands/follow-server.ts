import { createClient, type Event, type FollowEventsOptions } from '@steptrail/client'
import type { AuditEvent } from '@steptrail/event'
import { terminalFor, writeLines } from '../command-scope.ts'
import type { Surroundings } from '../surroundings.ts'
import { terminalOf } from '../terminal/terminal.ts'
import { EventStream } from '../timeline/event-stream.ts'

/** An event as it is drawn; its salt stays with the server. */
const recordOf = (event: Event): AuditEvent => ({
  ...event,
  details: event.details as AuditEvent['details'],
  salt: null,
})

/** What is followed, of which server. */
export interface FollowedServer {
  readonly url: string
  readonly query: FollowEventsOptions
  readonly asJson: boolean
}

/** Follows the events of a server over HTTP until interrupted; goes on by itself when the connection breaks. */
export async function followServer(
  { url, query, asJson }: FollowedServer,
  surroundings: Surroundings,
): Promise<void> {
  const { stderr, stdout, signal, env } = surroundings
  const warn = (text: string): unknown => stderr.write(`${terminalOf(stderr, env).paint('yellow', text)}\n`)
  const client = createClient({ url, apiKey: env['STEPTRAIL_API_KEY'] || undefined })
  const stream = new EventStream(terminalFor(surroundings))
  let last: string | null = null
  const events = client.events.follow({
    ...query,
    signal,
    onTrouble: ({ retryInMs }) => warn(`${url} cannot be followed just now; trying again in ${retryInMs} ms`),
  })
  for await (const { event, cursor } of events) {
    if (asJson) stdout.write(`${JSON.stringify(event)}\n`)
    else writeLines(surroundings, stream.lines(recordOf(event)))
    last = cursor
  }
  if (last !== null) warn(`to go on from here: --cursor ${last}`)
}
