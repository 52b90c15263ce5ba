import { TrailError } from '@steptrail/event'
import type { Database } from './database.ts'
import { openEmbedded } from './embedded.ts'
import { parseSchemaName } from './identifier.ts'
import { openPostgres } from './postgres.ts'

/** Which database to open, and as whom. */
export interface OpenDatabaseOptions {
  /** postgres://user:password@host:port/database of PostgreSQL 15 or later. Absent: the embedded database. */
  readonly url?: string | undefined
  /** Directory of the embedded database, `./.steptrail` unless given; `memory://` for one that is not kept. */
  readonly dataDir?: string | undefined
  /**
   * For a process that serves it: the embedded database runs in a thread of its own, so that no query holds the others
   * up, and its lock tells others the URL.
   */
  readonly serving?: { readonly url?: string | undefined } | undefined
  /** Schema of all our tables, `steptrail` unless given. */
  readonly schema?: string | undefined
  /** Name of the program, for whoever asks the server, or the lock, who is connected. */
  readonly program?: string | undefined
  /** Most connections at a time, 10 unless given. The embedded database has one. */
  readonly maxConnections?: number | undefined
  /**
   * How long what is under way when the database is closed may go on, 10,000 ms unless given. Then its connection is
   * ended under it: a server that has fallen silent would hold `close` up for ever.
   */
  readonly closeTimeoutMs?: number | undefined
  /**
   * Open a server's database though it cannot be reached just now, `false` unless given: for a process that has to start
   * all the same, and whose recorder keeps events until the database is back. Everything else fails with
   * `database_unreachable` until then. A password that is wrong, or a database that is not there, is refused as ever.
   */
  readonly mayBeAway?: boolean | undefined
}

/**
 * Opens the database and makes sure that it can be used; it does not look at the schema in it (`checkSchema`
 * does). The embedded database belongs to one process at a time: a second one is refused with
 * `embedded_database_in_use`, which names the first. Throws also `invalid_database_url`, `database_unreachable`,
 * `database_unsupported`, `embedded_database_missing` and `invalid_configuration`.
 */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<Database> {
  const { url, dataDir = './.steptrail', program, maxConnections = 10, closeTimeoutMs = 10_000 } = options
  const { mayBeAway = false } = options
  const schema = parseSchemaName(options.schema ?? 'steptrail')
  if (!Number.isInteger(maxConnections) || maxConnections < 1) throw invalidMaximum(maxConnections)
  if (!(closeTimeoutMs >= 0 && closeTimeoutMs < 2 ** 31)) throw invalidTimeout(closeTimeoutMs)
  if (url !== undefined)
    return openPostgres({ url, schema, program, maxConnections, closeTimeoutMs, mayBeAway })
  if (dataDir === '') throw emptyDirectory()
  return openEmbedded({ dataDir, schema, program, serving: options.serving, closeTimeoutMs })
}

const invalidMaximum = (value: number): TrailError =>
  new TrailError('invalid_configuration', `maxConnections is ${value}: give a whole number of at least 1`, {
    details: { option: 'maxConnections', value },
  })

const invalidTimeout = (value: number): TrailError =>
  new TrailError('invalid_configuration', `closeTimeoutMs is ${value}: give milliseconds, 0 or more`, {
    details: { option: 'closeTimeoutMs', value },
  })

const emptyDirectory = (): TrailError =>
  new TrailError('invalid_configuration', 'dataDir is empty: give a directory, such as ./.steptrail', {
    details: { option: 'dataDir', value: '' },
  })
