import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The closing price of one day, or null where the exchange has none. */
export interface DayPrice {
  readonly day: string
  readonly close: number | null
}

/** A stock exchange over HTTP. */
export interface Exchange extends AsyncDisposable {
  readonly url: string
}

const days = ['2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05', '2026-03-06']

const listings: Readonly<Record<string, readonly (number | null)[]>> = {
  ACME: [101.5, 102, 101.25, 109.75, 110],
  GLOBEX: [55, 54.5, null, 54, 53.25],
}

/** Starts the exchange on a free port of the loopback: `GET /prices/SYMBOL`. It knows ACME and GLOBEX. */
export async function startExchange(): Promise<Exchange> {
  const server = createServer(({ url = '' }, response) => {
    const prices = listings[url.replace('/prices/', '')]
    const body = prices
      ? days.map((day, index): DayPrice => ({ day, close: prices[index] ?? null }))
      : { error: 'not listed' }
    response.writeHead(prices ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
