import type { ServerOptions } from '../server-options.ts'

/** What a server process may do. Any number of processes may do each at once. */
export const serverRoles = ['api', 'ingest', 'clock', 'seal', 'retain'] as const
export type ServerRole = (typeof serverRoles)[number]

/** What takes events from a stream in this process, as the server tells of it. */
export interface RunningIngester {
  readonly state: 'ingesting' | 'in trouble' | 'closed'
  /** What does not work at the moment; null when everything does. */
  readonly trouble: unknown
  /** What became of the messages that it has settled. */
  readonly counts: Readonly<Record<'created' | 'duplicate' | 'conflict' | 'rejected', number>>
  /** How many messages wait in the stream. */
  waiting(): Promise<number>
}

/** What runs retention in this process, as the server tells of it. */
export interface RunningRetention {
  /** Why it failed when it was due last; null when it did not. */
  readonly trouble: unknown
}

/** The roles that a server with these options has. */
export function rolesOf(options: Omit<ServerOptions, 'trail'>): readonly ServerRole[] {
  const { answersApi = true, holdsClock = true, retention, sealing, ingester } = options
  const has: Readonly<Record<ServerRole, boolean>> = {
    api: answersApi,
    ingest: ingester !== undefined,
    clock: holdsClock,
    seal: sealing !== undefined,
    retain: retention !== undefined,
  }
  return serverRoles.filter((role) => has[role])
}
