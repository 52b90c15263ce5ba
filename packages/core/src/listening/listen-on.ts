import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { TrailError } from '@steptrail/event'

/** Where a server listens. */
export interface ListeningAt {
  readonly host: string
  readonly port: number
  /** With `http://`, and brackets around an address of IPv6. */
  readonly url: string
}

/**
 * Lets a server listen; port 0 takes one that is free.
 *
 * @throws TrailError `address_unavailable` when the system does not let it listen there
 */
export async function listenOn(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<ListeningAt> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw unavailable(error, { host, port })
  }
  const { address, family, port: taken } = server.address() as AddressInfo
  return {
    host: address,
    port: taken,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
  }
}

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already: stop that, or choose another port',
  EACCES: 'this user may not listen there: choose a port of 1024 or more',
  EADDRNOTAVAIL: 'this machine has no such address: choose one that it has, such as 127.0.0.1',
  ENOTFOUND: 'the host name is unknown: choose an address of this machine, such as 127.0.0.1',
}

function unavailable(error: unknown, place: { readonly host: string; readonly port: number }): TrailError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const hint = hints[code] ?? 'choose another host or port'
  const { host, port } = place
  return new TrailError('address_unavailable', `cannot listen on ${host}, port ${port} (${code}): ${hint}`, {
    details: { host, port, cause: code },
    cause: error,
  })
}
