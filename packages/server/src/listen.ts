import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { listenOn, type ListeningAt } from '@steptrail/core'

/** Where a server listens that is told nothing else: on this machine alone. */
export const defaultHost = '127.0.0.1'
/** The port of a server that is told no other. */
export const defaultPort = 4680

/** Where to listen. */
export interface ListenOptions {
  /** `127.0.0.1` unless given. */
  readonly host?: string | undefined
  /** 4680 unless given; 0 for any that is free. */
  readonly port?: number | undefined
}

/** A server that listens. */
export interface Listening extends ListeningAt {
  /** Takes no new connections, and resolves when those there are have ended. */
  close(): Promise<void>
}

/** What a connection may take, so that nobody holds one for ever. */
export interface ConnectionLimits {
  /** Of a request's headers. */
  readonly headerBytes: number
  /** From the beginning of a request to the end of its headers. */
  readonly headersTimeoutMs: number
  /** From the beginning of a request to the end of its body. */
  readonly requestTimeoutMs: number
  /** How often it is looked whether time is up. */
  readonly checkMs: number
}

const connectionLimits: ConnectionLimits = {
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  checkMs: 2000,
}

/** Requests that are still being answered after so long are ended. */
const closeTimeoutMs = 10_000

/** Begins to listen. Throws `address_unavailable` when the address cannot be had. */
export async function startListening(
  app: Pick<OpenAPIHono, 'fetch'>,
  { host = defaultHost, port = defaultPort }: ListenOptions,
  limits = connectionLimits,
): Promise<Listening> {
  // Only a request of HTTP/1.0 may come without a host, as those do by which load balancers ask how a server is.
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: 'localhost' })
  const answering = new Set<ServerResponse>()
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkMs,
    },
    (incoming, outgoing) => {
      answering.add(outgoing)
      outgoing.once('close', () => {
        answering.delete(outgoing)
        if (!server.listening) server.closeIdleConnections()
      })
      void listener(incoming, outgoing)
    },
  )
  const place = await listenOn(server, { host, port })
  return { ...place, close: () => stop(server, answering) }
}

/** A connection that is kept takes no further request: it ends with the answer that is on its way, or at once. */
async function stop(server: HttpServer, answering: ReadonlySet<ServerResponse>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const outgoing of answering) if (!outgoing.headersSent) outgoing.setHeader('connection', 'close')
  server.closeIdleConnections()
  const end = setTimeout(() => server.closeAllConnections(), closeTimeoutMs)
  await closed
  clearTimeout(end)
}
