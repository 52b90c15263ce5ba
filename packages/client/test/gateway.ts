import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { releaseAfterTest } from '@steptrail/testkit'

/** What happens to one request on its way. */
export type Turn =
  | 'pass'
  /** The server does it, and nobody hears of it. */
  | 'lose-the-reply'
  | 'hang-up'
  /** The connection breaks when so many bytes of the answer have gone through. */
  | { readonly breakAfterBytes: number }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }

/** What stands between a client and a server, and fails as it is told. */
export interface Gateway {
  readonly url: string
  /** How the requests to come fare, in turn; after the last one, `pass`. Of those that `isMeant`. */
  readonly turns: Turn[]
  /** Requests that came, as method, path and length of the body. */
  readonly seen: {
    readonly method: string
    readonly path: string
    readonly bytes: number
  }[]
  /** Bodies that are larger are answered with 413. */
  largestBody: number
}

/** Lets so many bytes through and no more, however much comes at once. */
function breakAfter(bytes: number, answer: IncomingMessage, outgoing: ServerResponse): void {
  let left = Math.ceil(bytes)
  answer.on('data', (chunk: Buffer) => {
    if (left < 0) return
    outgoing.write(chunk.subarray(0, left))
    left -= chunk.length
    if (left > 0) return
    left = -1
    // What went through before has gone through.
    outgoing.socket?.destroySoon()
  })
  answer.on('end', () => outgoing.end())
}

/** Starts a gateway before the server at `target`; it is closed after the test. */
export async function startGateway(target: string, { meant = /\/audit\/events$/ } = {}): Promise<Gateway> {
  const http = createServer((incoming, outgoing) => void carry(incoming, outgoing))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  releaseAfterTest(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const gateway: Gateway = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    turns: [],
    seen: [],
    largestBody: Number.POSITIVE_INFINITY,
  }

  async function carry(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = Buffer.concat(await incoming.toArray())
    const { method = '', url: path = '', headers } = incoming
    gateway.seen.push({ method, path, bytes: body.length })
    const turn = turnOf({ path, bytes: body.length })
    if (turn === 'hang-up') return void incoming.socket.destroy()
    if (typeof turn === 'object' && 'status' in turn)
      return void outgoing.writeHead(turn.status, turn.headers).end(turn.body)
    const onward = request(`${target}${path}`, {
      method,
      headers: { ...headers, host: new URL(target).host },
    })
    onward.on('error', () => incoming.socket.destroy())
    onward.on('response', (answer) => {
      if (turn === 'lose-the-reply') return void answer.resume().on('end', () => incoming.socket.destroy())
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      if (typeof turn === 'object') breakAfter(turn.breakAfterBytes, answer, outgoing)
      else answer.pipe(outgoing)
      return undefined
    })
    outgoing.on('close', () => onward.destroy())
    onward.end(body)
  }

  function turnOf({ path, bytes }: { readonly path: string; readonly bytes: number }): Turn {
    if (bytes > gateway.largestBody) return { status: 413, body: '<html>413 Request Entity Too Large</html>' }
    return (meant.test(path) ? gateway.turns.shift() : undefined) ?? 'pass'
  }

  return gateway
}
