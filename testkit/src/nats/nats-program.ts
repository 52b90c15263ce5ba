import { findProgram } from '../supervision/find-program.ts'

/** Why there is no NATS here, and how to get one. */
export const natsMissing =
  'nats-server is not on the PATH, so what needs NATS JetStream is not tested; ' +
  'install it (Debian: apt-get install nats-server; 2.9 or later)'

/** The program `nats-server` of this machine; undefined where there is none. */
export const natsProgram = (): string | undefined => findProgram('nats-server')
