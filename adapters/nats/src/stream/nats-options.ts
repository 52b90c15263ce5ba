import { TrailError } from '@steptrail/event'
import type { NodeConnectionOptions } from '@nats-io/transport-node'

/** Where NATS is, and which stream of it is meant. */
export interface NatsOptions {
  /**
   * The nodes of the cluster, or some of them: `nats://host:4222`, `tls://host:4222`, with `user:password@` or `token@`
   * where one is needed. As one text, with commas between them.
   */
  readonly servers: string | readonly string[]
  /** The name of the stream. Default: `steptrail`. */
  readonly stream?: string | undefined
  /** What else the connection needs: an authenticator, certificates; `natsConnectionFromEnv` reads both from files.
   * Default: what the URLs say. */
  readonly connection?: Omit<NodeConnectionOptions, 'servers'> | undefined
}

/** Where to connect, and as whom. */
export interface NatsAddress {
  /** Each as `host:port`. */
  readonly hosts: readonly string[]
  readonly login: Pick<NodeConnectionOptions, 'user' | 'pass' | 'token' | 'tls'>
}

/** What the URLs say. Throws `invalid_configuration` for none, and for one that cannot be read, without its password. */
export function addressOf({ servers }: Pick<NatsOptions, 'servers'>): NatsAddress {
  const given = (typeof servers === 'string' ? servers.split(',') : servers).map((server) => server.trim())
  // A password that holds a comma or a slash ends where nobody expects it: beside a login no part of them is shown.
  const mayTell = !given.some((server) => server.includes('@'))
  const urls = given.filter((server) => server !== '').map((server) => urlOf(server, mayTell))
  if (urls.length === 0) throw unreadable('no server is named')
  const { username = '', password = '' } = urls.find((url) => url.username + url.password !== '') ?? {}
  const user = decoded(username)
  const pass = decoded(password)
  if (user === '' && pass !== '')
    throw unreadable('a server has a password and no user (a token goes before the @, without a colon)')
  return {
    hosts: urls.map(({ hostname, port }) => `${hostname}:${port || '4222'}`),
    login: {
      ...(user !== '' && (pass === '' ? { token: user } : { user, pass })),
      ...(urls.some(({ protocol }) => protocol === 'tls:') && { tls: {} }),
    },
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // What it is stays untold: it may be the password.
    throw unreadable('a % in the name or the password is not followed by two digits: write it as %25')
  }
}

function urlOf(server: string, mayTell: boolean): URL {
  const url = URL.parse(server.includes('://') ? server : `nats://${server}`)
  const isNode = url !== null && /^(nats|tls):$/.test(url.protocol) && url.hostname !== ''
  // What follows a host may be the rest of a password.
  if (isNode && /^\/?$/.test(url.pathname + url.search + url.hash)) return url
  if (mayTell) throw unreadable(`a server is ${JSON.stringify(server)}`)
  throw unreadable(
    'a server cannot be read (it is not shown, for its password; in one, write , / ? # @ as %2C %2F %3F %23 %40)',
  )
}

const unreadable = (problem: string): TrailError =>
  new TrailError('invalid_configuration', `${problem}: give URLs such as nats://nats-1.example:4222`, {
    details: { option: 'servers' },
  })
