import { TrailError } from '@steptrail/event'
import { type ServerRole, serverRoles } from '@steptrail/server'
import type { Environment } from './terminal/terminal.ts'

/** What a server process is to do. */
export interface RoleFlags {
  /** With commas. */
  readonly roles?: string
  readonly nats?: string
}

/** The flags, as a help text shows them. */
export const rolesOption = [
  '--roles <roles>',
  `what this process does, with commas: ${serverRoles.join(', ')} (default: $STEPTRAIL_ROLES, else all)`,
] as const
/** Where the stream is, likewise. */
export const natsOption = [
  '--nats <urls>',
  'nodes of NATS from whose stream it takes events (default: $NATS_URL, else none)',
] as const

/** From which stream events are taken. */
export interface StreamSettings {
  readonly servers: string
  readonly stream: string | undefined
}

/** The roles of a server process, and its stream; undefined where it takes from none. */
export interface RoleSettings {
  readonly roles: ReadonlySet<ServerRole>
  readonly stream: StreamSettings | undefined
}

/**
 * What flags and variables say. All roles unless some are named; `ingest` needs to know where the stream is.
 *
 * @throws TrailError `invalid_configuration` for a role that there is not, and for `ingest` without nodes
 */
export function roleSettings(flags: RoleFlags, env: Environment): RoleSettings {
  const given = flags.roles ?? (env['STEPTRAIL_ROLES'] || undefined)
  const named = given?.split(',').map((role) => knownRole(role.trim()))
  const servers = givenServers(flags, env)
  if (servers === undefined && named?.includes('ingest') === true)
    throw new TrailError(
      'invalid_configuration',
      'the role ingest is given, and no stream: name the nodes of NATS with --nats or NATS_URL',
    )
  const roles = new Set(named ?? serverRoles)
  const stream = natsStream(env)
  return { roles, stream: servers !== undefined && roles.has('ingest') ? { servers, stream } : undefined }
}

/** The nodes of NATS. Throws `invalid_configuration` where none is named. */
export function natsServers(flags: Pick<RoleFlags, 'nats'>, env: Environment): string {
  const servers = givenServers(flags, env)
  if (servers !== undefined) return servers
  throw new TrailError(
    'invalid_configuration',
    'no stream is given: name the nodes of NATS with --nats or NATS_URL',
  )
}

/** The name of the stream; undefined for the usual one. */
export const natsStream = (env: Environment): string | undefined => env['STEPTRAIL_NATS_STREAM'] || undefined

const givenServers = ({ nats }: Pick<RoleFlags, 'nats'>, env: Environment): string | undefined =>
  nats ?? (env['NATS_URL'] || undefined)

function knownRole(role: string): ServerRole {
  const known = serverRoles.find((each) => each === role)
  if (known !== undefined) return known
  throw new TrailError(
    'invalid_configuration',
    `a role is ${JSON.stringify(role)}: give some of ${serverRoles.join(', ')}, with commas between them`,
  )
}
