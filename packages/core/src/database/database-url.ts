import { TrailError } from '@steptrail/event'
import { Client } from 'pg'

/** A database URL that can be connected to, and what to show for it. */
export interface DatabaseUrl {
  readonly connectionString: string
  /** The URL's user, host, port and database, as they will be used; no password, no parameters. */
  readonly name: string
}

/** Reads a URL such as postgres://user:password@host:5432/database. Throws `invalid_database_url`; never shows a password. */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  if (!/^postgres(ql)?:\/\//.test(url))
    throw invalidUrl(url, 'does not begin with postgres:// or postgresql://')
  try {
    const { user, host, port, database } = new Client({ connectionString: url })
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError('has a port out of range')
    const place = /[/:]/.test(host) ? `[${host}]` : host
    return { connectionString: url, name: `postgres://${user ?? ''}@${place}:${port}/${database ?? ''}` }
  } catch (error) {
    throw invalidUrl(url, error instanceof RangeError ? error.message : 'cannot be parsed')
  }
}

/** The URL with all that may be a password replaced. */
export function maskPassword(url: string): string {
  const [scheme = ''] = /^[a-z]*:\/\//i.exec(url) ?? []
  const rest = url
    .slice(scheme.length)
    .replace(/^([^@:/?#]*):.*@/s, '$1:***@')
    .replace(/([?&](?:password|sslpassword)=)[^&#]*/gi, '$1***')
  return scheme + rest
}

const invalidUrl = (url: string, reason: string): TrailError =>
  new TrailError(
    'invalid_database_url',
    `the database URL ${JSON.stringify(maskPassword(url))} ${reason}: give one such as postgres://user:password@host:5432/database`,
    { details: { url: maskPassword(url) } },
  )
