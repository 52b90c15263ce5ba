import { findProgram } from '../supervision/find-program.ts'

/** Why there is no Redis here, and how to get one. */
export const redisMissing =
  'redis-server is not on the PATH, so what needs Redis is not tested; ' +
  'install it (Debian: apt-get install redis-server; 7.0 or later)'

/** The program `redis-server` of this machine; undefined where there is none. */
export const redisProgram = (): string | undefined => findProgram('redis-server')
