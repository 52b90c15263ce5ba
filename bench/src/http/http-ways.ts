import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { createClient } from '@steptrail/client'
import { uuidV7 } from '@steptrail/event'
import { closedLoop } from '../closed-loop.ts'
import type { IngestWay } from '../ingest/ingest-ways.ts'
import { downloadEvent } from '../record/events.ts'

/** A server, and a key for it. */
export interface Served {
  readonly url: string
  readonly apiKey: string
}

const batchEvents = 500
/** Requests at a time: one is on its way while another is worked on. */
const requestsInFlight = 4

/** Requests of 500 events that are ready as bytes, over a few connections; what became of each event is read. */
export function postWay({ url, apiKey }: Served): Omit<IngestWay, 'name'> & { readonly name: 'http' } {
  return {
    name: 'http',
    share: 1,
    async eventsPerSecond(events) {
      const bodies = bodiesOf(events)
      const agent = new Agent({ keepAlive: true, maxSockets: requestsInFlight })
      await connect(url, agent)
      const post = async (): Promise<void> => {
        const answer = await ask(
          request(`${url}/api/v1/audit/events`, {
            agent,
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
          }),
          bodies.pop(),
        )
        const { created, results } = JSON.parse(answer) as { created: number; results: readonly unknown[] }
        if (created !== batchEvents || results.length !== batchEvents)
          throw new Error(`${created} were created`)
      }
      const { elapsedMs } = await closedLoop({ runs: bodies.length, concurrency: requestsInFlight }, post)
      agent.destroy()
      return (Math.ceil(events / batchEvents) * batchEvents * 1000) / elapsedMs
    },
  }
}

/** Opens the connections. */
async function connect(url: string, agent: Agent): Promise<void> {
  await Promise.all(
    Array.from({ length: requestsInFlight }, () => ask(request(`${url}/healthz`, { agent }), undefined)),
  )
}

/** Sends a request with this body, and gives the text of what is answered. */
async function ask(sent: ClientRequest, body: Buffer | undefined): Promise<string> {
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return await text(answer)
}

const bodiesOf = (events: number): Buffer[] =>
  Array.from({ length: Math.ceil(events / batchEvents) }, (_, batch) =>
    Buffer.from(
      JSON.stringify(
        Array.from({ length: batchEvents }, (__, index) => eventOf(batch * batchEvents + index)),
      ),
    ),
  )

function eventOf(number: number) {
  const nowMs = Date.now()
  return { ...downloadEvent(number), id: uuidV7(nowMs), timestamp: new Date(nowMs).toISOString() }
}

/** The first page of a filtered list, so many times over a few connections, while a recorder sends all the time. */
export async function pageLatencies({ url, apiKey }: Served, pages: number): Promise<readonly number[]> {
  const loading = new AbortController()
  const load = keepPosting({ url, apiKey }, loading.signal)
  const { events } = createClient({ url, apiKey })
  const query = {
    operation_type: 'stock_price_download',
    result: 'success',
    source: 'stock-data-service',
  } as const
  const { latenciesMs } = await closedLoop({ runs: pages, concurrency: 4 }, async () => {
    const page = await events.list(query)
    if (page.events.length === 0) throw new Error('the page is empty')
  })
  loading.abort()
  await load
  return latenciesMs
}

/** Records without a pause, one request at a time. */
async function keepPosting(served: Served, ended: AbortSignal): Promise<void> {
  const way = postWay(served)
  while (!ended.aborted) await way.eventsPerSecond(batchEvents)
}
