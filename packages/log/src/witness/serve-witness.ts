import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listenOn } from '@steptrail/core'
import type { Witness, WitnessAnswer } from './witness.ts'

/** A witness that listens. */
export interface ServedWitness extends AsyncDisposable {
  /** Its submission and monitoring prefix. */
  readonly url: string
  close(): Promise<void>
}

/** More than a proof of 63 hashes and a checkpoint with 64 signatures take. */
const maxBodyBytes = 65_536

/** Serves a witness over HTTP, on a loopback address unless another is given; port 0 takes one that is free. */
export async function serveWitness(
  witness: Witness,
  { host = '127.0.0.1', port = 4681 }: { readonly host?: string; readonly port?: number } = {},
): Promise<ServedWitness> {
  const server = createServer((request, response) => void respond(witness, request, response))
  server.requestTimeout = 10_000
  const { url } = await listenOn(server, { host, port })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, close, [Symbol.asyncDispose]: close }
}

async function respond(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answer = await answerTo(witness, request)
    if (answer === null) response.writeHead(404).end()
    else response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body)
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(
      `the witness could not keep the checkpoint: ${error instanceof Error ? error.message : String(error)}\n`,
    )
  }
}

async function answerTo(witness: Witness, request: IncomingMessage): Promise<WitnessAnswer | null> {
  const { method, url = '' } = request
  if (method === 'POST' && url === '/add-checkpoint') {
    const body = await bodyOf(request)
    return witness.addCheckpoint(body ?? '')
  }
  const [, originHash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(url) ?? []
  return method === 'GET' && originHash !== undefined ? witness.checkpointOf(originHash) : null
}

/** Null for one that is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBodyBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
