import { Socket } from 'node:net'
import type { ClientConfig } from 'pg'

const connectTimeoutMs = 10_000

/** How long a connection is silent before its other end is asked whether it is there: a machine that is gone says nothing. */
const keepAliveAfterMs = 10_000

/** How an adapter connects to the PostgreSQL of its engine, and lets go of it. */
export interface Connecting {
  /** Of clients and pools. */
  readonly config: ClientConfig
  /** Waits for this end, but no longer than the server may take to answer: then the connections are severed. */
  end(ending: Promise<void>): Promise<void>
}

/**
 * How an adapter connects to the PostgreSQL of its engine. A server that has fallen silent is noticed when it does not take a
 * connection within ten seconds, or does not answer a statement within `answerWithinMs`.
 */
export function connectingTo({ url }: { readonly url: string }, answerWithinMs: number): Connecting {
  const open = new Set<Socket>()
  return {
    config: {
      connectionString: url,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveAfterMs,
      query_timeout: answerWithinMs,
      stream: () => kept(new Socket(), open),
    },
    end: async (ending) => {
      const sever = setTimeout(() => {
        for (const socket of open) socket.destroy()
      }, answerWithinMs)
      try {
        await ending
      } finally {
        clearTimeout(sever)
      }
    },
  }
}

function kept(socket: Socket, open: Set<Socket>): Socket {
  open.add(socket)
  socket.once('close', () => open.delete(socket))
  return socket
}

/**
 * By this the server notices within half a minute when the other end of a session is gone, and frees the lock that it
 * has: its own default is two hours.
 */
export const askWhetherThere = `
select set_config('tcp_keepalives_idle', '10', false),
       set_config('tcp_keepalives_interval', '5', false),
       set_config('tcp_keepalives_count', '4', false)`
