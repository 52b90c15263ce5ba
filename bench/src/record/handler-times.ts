import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const lanes = 4
/** From 0 on, so 4 in the middle. */
const mostPauseMs = 8

/**
 * Milliseconds that requests to a small HTTP handler take; `record` is called in each before it answers. Four
 * connections that stay open, each with a pause of random length before a request: they do not come in step, and the
 * machine is not the limit.
 */
export async function handlerTimes(
  requests: number,
  record: (number: number) => void,
): Promise<readonly number[]> {
  let number = 0
  const server = createServer((request, response) => {
    record(number++)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ path: request.url, number }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  const timesMs: number[] = []
  const lane = async (): Promise<void> => {
    while (timesMs.length < requests) {
      await sleep(Math.random() * mostPauseMs)
      const sinceMs = performance.now()
      await requested(port, agent)
      timesMs.push(performance.now() - sinceMs)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  agent.destroy()
  server.close()
  await once(server, 'close')
  return timesMs
}

const requested = (port: number, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    get({ port, agent, host: '127.0.0.1', path: '/prices/AAPL' }, (response) => {
      response.resume()
      response.on('end', resolve)
    }).on('error', reject)
  })
