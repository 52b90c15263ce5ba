import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listenOn } from '@steptrail/core'
import { carefully } from '@steptrail/event'
import type { Witness, WitnessAnswer } from './witness.ts'

/** A witness that listens. */
export interface ServedWitness extends AsyncDisposable {
  /** Its submission and monitoring prefix. */
  readonly url: string
  close(): Promise<void>
}

/** More than a proof of 63 hashes and a checkpoint with 64 signatures take. */
const maxBodyBytes = 65_536

/** Where a witness is served, and who is told of troubles. */
export interface ServeWitnessOptions {
  /** Where to listen: `127.0.0.1` unless given. */
  readonly host?: string | undefined
  /** 4681 unless given; 0 for any that is free. */
  readonly port?: number | undefined
  /** Told of each request that failed by a fault of the witness's own, as that its disk is full. Default: nobody. */
  readonly onTrouble?: ((message: string, cause: unknown) => void) | undefined
}

/** Serves a witness over HTTP. Throws `address_unavailable` when the address cannot be had. */
export async function serveWitness(
  witness: Witness,
  { host = '127.0.0.1', port = 4681, onTrouble = () => undefined }: ServeWitnessOptions = {},
): Promise<ServedWitness> {
  const told = carefully(onTrouble)
  const server = createServer((request, response) => void respond(request, response, { witness, told }))
  server.requestTimeout = 10_000
  const { url } = await listenOn(server, { host, port })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, close, [Symbol.asyncDispose]: close }
}

interface Serving {
  readonly witness: Witness
  readonly told: (message: string, cause: unknown) => void
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { witness, told }: Serving,
): Promise<void> {
  try {
    const answer = await answerTo(witness, request)
    if (answer.status === 413) response.setHeader('connection', 'close')
    response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body)
  } catch (error) {
    if (request.destroyed && !request.complete) return
    told(`${request.method} ${request.url} failed`, error)
    response.writeHead(500, { 'content-type': text })
    response.end('the witness could not keep the checkpoint; who runs it is told why\n')
  }
}

const text = 'text/plain; charset=utf-8'

async function answerTo(witness: Witness, request: IncomingMessage): Promise<WitnessAnswer> {
  const { method, url = '' } = request
  if (method === 'POST' && url === '/add-checkpoint') {
    const body = await bodyOf(request)
    return body === null ? tooLarge : witness.addCheckpoint(body)
  }
  const [, originHash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(url) ?? []
  return method === 'GET' && originHash !== undefined ? witness.checkpointOf(originHash) : notHere
}

const notHere: WitnessAnswer = { status: 404, contentType: text, body: '' }
const tooLarge: WitnessAnswer = {
  status: 413,
  contentType: text,
  body: `a request to cosign has at most ${maxBodyBytes} bytes\n`,
}

/** Null for one that is too large, of which the rest is not read. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBodyBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
